package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the builders of all registries refuse. */
class RegistryBuilderTest {
    private static final String URL = "http://127.0.0.1:1";

    private static final OkHttpClient CLIENT = new OkHttpClient();
    private static final ConsulDiscovery.Builder CONSUL = ConsulDiscovery.builder(CLIENT, "users", URL);
    private static final EtcdDiscovery.Builder ETCD = EtcdDiscovery.builder(CLIENT, "/users/", URL);
    private static final EurekaDiscovery.Builder EUREKA = EurekaDiscovery.builder(CLIENT, "USERS", URL);
    private static final KubernetesDiscovery.Builder KUBERNETES =
            KubernetesDiscovery.builder(CLIENT, URL, "default", "users");
    private static final XdsDiscovery.Builder XDS = XdsDiscovery.builder(CLIENT, "users", URL);

    static List<RegistryBuilder<?>> builders() {
        return List.of(CONSUL, ETCD, EUREKA, KUBERNETES, XDS);
    }

    @ParameterizedTest
    @MethodSource("builders")
    void backoff_beginsAboveZero_andDoesNotShrink(RegistryBuilder<?> builder) {
        Duration second = Duration.ofSeconds(1);

        assertThat(builder.backoff(second, second)).isSameAs(builder);
        assertThatIllegalArgumentException().isThrownBy(() -> builder.backoff(Duration.ZERO, second));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.backoff(second.negated(), second));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.backoff(second, second.minusNanos(1)));
    }

    static Stream<Arguments> watchTimeouts() {
        return Stream.of(
                watchTimeout("Consul", CONSUL::watchTimeout, Duration.ofMinutes(10)),
                watchTimeout("etcd", ETCD::watchTimeout, Duration.ofHours(1)),
                watchTimeout("Kubernetes", KUBERNETES::watchTimeout, Duration.ofHours(1)));
    }

    private static Arguments watchTimeout(String registry, Consumer<Duration> set, Duration max) {
        return Arguments.argumentSet(registry, set, max);
    }

    @ParameterizedTest
    @MethodSource("watchTimeouts")
    void watchTimeout_isASecondToItsMaximum(Consumer<Duration> set, Duration max) {
        set.accept(Duration.ofSeconds(1));
        set.accept(max);
        for (Duration bad : List.of(Duration.ofMillis(999), max.plusNanos(1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> set.accept(bad))
                    .withMessage("watchTimeout must be PT1S to " + max + ": " + bad);
        }
    }

    @Test
    void intervals_fitIntoNanoseconds() {
        BiConsumer<String, Runnable> refused = (what, set) -> assertThatIllegalArgumentException()
                .isThrownBy(set::run)
                .withMessageStartingWith(what + " must be positive (at most 36500 days): ");

        refused.accept("minInterval", () -> CONSUL.minInterval(Duration.ZERO));
        refused.accept("minInterval", () -> CONSUL.minInterval(Duration.ofSeconds(Long.MAX_VALUE)));
        refused.accept("interval", () -> EUREKA.interval(Duration.ofNanos(-1)));
        refused.accept("interval", () -> EUREKA.interval(Duration.ofSeconds(Long.MAX_VALUE)));
    }

    @Test
    void namesAndUrls_thatAreNone_areRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> ConsulDiscovery.builder(CLIENT, " ", URL));
        assertThatIllegalArgumentException().isThrownBy(() -> EtcdDiscovery.builder(CLIENT, "", URL));
        assertThatIllegalArgumentException().isThrownBy(() -> EurekaDiscovery.builder(CLIENT, "USERS", URL, "ftp://h"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KubernetesDiscovery.builder(CLIENT, URL, "a\nb", "users"));
        assertThatIllegalArgumentException().isThrownBy(() -> KubernetesDiscovery.builder(CLIENT, URL, "default", ""));
        assertThatIllegalArgumentException().isThrownBy(() -> XdsDiscovery.builder(CLIENT, "", URL));
        assertThatIllegalArgumentException().isThrownBy(() -> XDS.nodeId(" "));
        assertThatIllegalArgumentException().isThrownBy(() -> XDS.nodeCluster("a\nb"));
        assertThatIllegalArgumentException().isThrownBy(() -> XDS.nodeMetadata("", "v"));
        assertThatIllegalArgumentException().isThrownBy(() -> XDS.scheme("ftp"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> XdsDiscovery.builder(CLIENT, "users", "http://a", "https://b"))
                .withMessage(
                        "the control planes of a source must all be https, or all be http: [http://a/, https://b/]");
    }
}
