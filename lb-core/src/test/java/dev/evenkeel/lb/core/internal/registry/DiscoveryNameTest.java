package dev.evenkeel.lb.core.internal.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Shown to operators, and written by anyone: bounded, printable, and no reason to fail. */
class DiscoveryNameTest {

    private static BackendDiscovery named(Supplier<String> text) {
        return new BackendDiscovery() {
            @Override
            public Watch start(Receiver receiver) {
                return () -> {};
            }

            @Override
            public String toString() {
                return text.get();
            }
        };
    }

    @Test
    void name_isTheSourcesOwnText() {
        assertThat(DiscoveryName.of(named(() -> "Consul service users"))).isEqualTo("Consul service users");
    }

    @Test
    void sourceWithoutAText_hasNoName() {
        BackendDiscovery lambda = receiver -> () -> {};

        assertThat(DiscoveryName.of(lambda)).isNull();
    }

    @Test
    void sourceWhoseTextThrows_hasNoName() {
        assertThat(DiscoveryName.of(named(() -> {
                    throw new IllegalStateException("not started");
                })))
                .isNull();
    }

    @Test
    void name_isBounded_andPrintable() {
        assertThat(DiscoveryName.of(named(() -> "a\r\nb\u202e" + "x".repeat(1_000))))
                .hasSizeLessThanOrEqualTo(201)
                .doesNotContain("\r", "\n", "\u202e");
    }
}
