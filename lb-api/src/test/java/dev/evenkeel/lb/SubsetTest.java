package dev.evenkeel.lb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SubsetTest {
    private static final Backend CANARY = Backend.builder("http://a:1")
            .metadata("stage", "canary")
            .metadata("version", "2")
            .metadata("rack", "7")
            .build();

    @Test
    void backend_belongs_ifItHasEveryValue_whateverElseItHas() {
        assertThat(Subset.of("stage", "canary").matches(CANARY)).isTrue();
        assertThat(Subset.of("stage", "canary").and("version", "2").matches(CANARY))
                .isTrue();
        assertThat(Subset.of("stage", "canary").and("version", "3").matches(CANARY))
                .isFalse();
        assertThat(Subset.of("region", "eu").matches(CANARY)).isFalse();
    }

    @Test
    void subset_isAValue() {
        Subset subset = Subset.of("version", "2").and("stage", "canary");

        assertThat(subset)
                .isEqualTo(Subset.of(Map.of("stage", "canary", "version", "2")))
                .hasSameHashCodeAs(Subset.of(Map.of("version", "2", "stage", "canary")))
                .hasToString("stage=canary, version=2")
                .isNotEqualTo(Subset.of("version", "2"));
        assertThat(subset.and("version", "3")).hasToString("stage=canary, version=3");
    }

    @Test
    void mapOfTheCaller_isCopied() {
        Map<String, String> mine = new HashMap<>(Map.of("version", "2"));
        Subset subset = Subset.of(mine);
        mine.put("version", "3");

        assertThat(subset.metadata()).isEqualTo(Map.of("version", "2"));
    }

    @Test
    void whatNoBackendCanHave_isRefused() {
        assertThatThrownBy(() -> Subset.of(Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("subset must have 1..16 entries: {}");
        assertThatThrownBy(() -> Subset.of(" ", "2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("metadata key must not be blank");
        assertThatThrownBy(() -> Subset.of("version", "2\r\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("U+000D");
    }

    @Test
    void contextDerivedFromAnother_keepsTheRest() throws Exception {
        Subset subset = Subset.of("version", "2");
        RequestContext context = RequestContext.ofClientAddress(InetAddress.getByName("192.0.2.7"))
                .withBoundBackend("a:1")
                .withSubset(subset)
                .withTried(List.of(CANARY));

        assertThat(context.clientAddress()).isEqualTo(InetAddress.getByName("192.0.2.7"));
        assertThat(context.boundBackend()).isEqualTo("a:1");
        assertThat(context.subset()).isEqualTo(subset);
        assertThat(context.tried()).containsExactly(CANARY);
        assertThat(context.affinityKey()).isNull();
        assertThat(RequestContext.NONE.boundBackend()).isNull();
        assertThat(RequestContext.NONE.subset()).isNull();
    }
}
