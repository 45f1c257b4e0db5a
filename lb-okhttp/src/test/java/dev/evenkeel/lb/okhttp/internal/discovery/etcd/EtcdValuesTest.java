package dev.evenkeel.lb.okhttp.internal.discovery.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The keys that are held are bounded in number and size. */
class EtcdValuesTest {
    private final EtcdValues values = new EtcdValues();

    private static EtcdValues.Value value(int bytes) {
        return new EtcdValues.Value(Backend.of("http://10.0.0.1:80"), "", bytes);
    }

    @Test
    void unchangedValue_staysTheSameObject() throws Exception {
        values.put("a", value(100));
        EtcdValues.Value first = values.get("a");
        values.put("a", value(100));

        assertThat(values.get("a")).isSameAs(first);
        assertThat(values.listing().backends()).isEqualTo(List.of(Backend.of("http://10.0.0.1:80")));
    }

    @Test
    void keysWithoutAnEnd_areRefused() throws Exception {
        for (int i = 0; i < 100_000; i++) {
            values.put("key " + i, value(1));
        }

        assertThatThrownBy(() -> values.put("one more", value(1)))
                .isInstanceOf(MalformedAnswerException.class)
                .hasMessage("a list must have at most 100000 entries");
    }

    @Test
    void sizeOfAllValues_isBounded_andThatOfRemovedOnesDoesNotCount() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            values.put("a", value(i % 2 == 0 ? 64 << 20 : 63 << 20));
            values.put("b", value(60 << 20));
            values.remove("b");
            values.remove("b");
        }
        values.put("b", value(65 << 20));

        assertThatThrownBy(() -> values.put("c", value(1)))
                .isInstanceOf(MalformedAnswerException.class)
                .hasMessage("keys and values must have at most 134217728 bytes in all");
    }
}
