package dev.evenkeel.lb.core.internal.document.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A tree of an application's own parser is copied, within bounds. */
class JsonTreesTest {
    @Test
    void treeOfPlainValues_isCopied() {
        Map<String, Object> tree = new HashMap<>();
        tree.put("list", List.of(1, "a", true));
        tree.put("nothing", null);
        Object copy = JsonTrees.checked(tree);
        assertThat(copy).isEqualTo(tree).isNotSameAs(tree);
    }

    @Test
    void depth_isBounded() {
        Object deep = "leaf";
        for (int i = 0; i < JsonTrees.MAX_DEPTH; i++) {
            deep = List.of(deep);
        }
        Object atTheBound = deep;
        assertThat(JsonTrees.checked(atTheBound)).isNotNull();
        assertThatThrownBy(() -> JsonTrees.checked(List.of(atTheBound))).hasMessage("must be at most 20 deep");
    }

    @Test
    void valuesAreCounted_howeverOftenAListIsShared() {
        Object shared = List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        for (int i = 0; i < 5; i++) {
            shared = Collections.nCopies(10, shared);
        }
        Object huge = shared;
        assertThatThrownBy(() -> JsonTrees.checked(huge)).hasMessage("must have at most 100000 values");
    }

    @Test
    void otherTypes_andNumbersOfEndlessDigits_areRefused() {
        assertThatThrownBy(() -> JsonTrees.checked(Duration.ZERO))
                .hasMessageEndingWith("there is a java.time.Duration");
        assertThatThrownBy(() -> JsonTrees.checked(Map.of(1, "a"))).hasMessageEndingWith("as names of fields: 1");
        assertThatThrownBy(() -> JsonTrees.checked(new BigDecimal("1e1000")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(JsonTrees.checked(new BigDecimal("1e100"))).isNotNull();
        assertThatThrownBy(() -> JsonTrees.checked("x".repeat(JsonTrees.MAX_STRING + 1)))
                .hasMessage("must have no string of more than 65536 characters");
    }

    @Test
    void placeholders_areWrittenAsTheyWere() {
        Object canonical = Map.of("a", List.of(new JsonTrees.Expanded("${A}", 5), 6));
        assertThat(JsonTrees.asWritten(canonical)).isEqualTo(Map.of("a", List.of("${A}", 6)));
    }
}
