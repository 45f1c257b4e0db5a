package dev.evenkeel.lb.core.health;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.Vectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.OutlierDetector;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Envoy's and gRPC's outlier detection, on whole pools. */
class XdsOutlierDetectorTest {
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final PoolFixture fixture = new PoolFixture();

    private static Vectors vector(String id) {
        return Vectors.byId("outlier.json", id);
    }

    /** Backends {@code b0}, {@code b1}, … in round robin, without a breaker. */
    private LoadBalancer pool(int backends, OutlierDetector detector) {
        String[] uris =
                IntStream.range(0, backends).mapToObj(i -> "http://b" + i).toArray(String[]::new);
        return fixture.builder(uris)
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .outlierDetection(detector)
                .build();
    }

    private static String id(int index) {
        return "b" + index + ":80";
    }

    private List<String> ejected(LoadBalancer pool) {
        return pool.snapshot().backends().stream()
                .filter(status -> status.ejectedFor() != null)
                .map(BackendStatus::backend)
                .map(backend -> backend.id())
                .toList();
    }

    private List<String> causes() {
        return fixture.events(BackendEjected.class).stream()
                .map(BackendEjected::cause)
                .toList();
    }

    /** So many calls to each backend, of which so many percent succeed. */
    private void calls(LoadBalancer pool, int each, int... successPercent) {
        Map<String, Integer> left = new HashMap<>();
        for (int i = 0; i < each * successPercent.length; i++) {
            Lease lease = lease(pool);
            int nth = left.merge(lease.backend().id(), 1, Integer::sum);
            int index = Integer.parseInt(lease.backend().id().replaceAll("b(\\d+):80", "$1"));
            boolean succeeds = nth * successPercent[index] / 100 > (nth - 1) * successPercent[index] / 100;
            lease.complete(succeeds ? Outcome.SUCCESS : Outcome.SERVER_ERROR);
        }
    }

    private static int[] all(int hosts, int percent) {
        int[] rates = new int[hosts];
        Arrays.fill(rates, percent);
        return rates;
    }

    private static int[] oneBad(int hosts, int percent) {
        int[] rates = all(hosts, 100);
        rates[0] = percent;
        return rates;
    }

    @Test
    void consecutiveErrors_asEnvoyCountsThem() {
        Vectors vector = vector("env-out-cons");
        LoadBalancer pool = pool(2, OutlierDetectors.envoy());
        List<Integer> statuses = List.of(500, 200, 500, 500, 500, 500, 500);
        for (int i = 0; i < statuses.size(); i++) {
            Outcome outcome = statuses.get(i) == 500 ? Outcome.SERVER_ERROR : Outcome.SUCCESS;
            call(pool, 2, Map.of(id(0), outcome));
            if (i == 5) {
                assertThat(ejected(pool).isEmpty())
                        .isEqualTo(!vector.expect().get("ejectedAfterSixth").asBoolean());
            }
        }
        assertThat(ejected(pool).contains(id(0)))
                .isEqualTo(vector.expect().get("ejectedAfterSeventh").asBoolean());
        assertThat(causes()).containsExactly("5 failures in a row");
    }

    @Test
    void maxEjectionPercent_asEnvoyCapsIt() {
        Vectors vector = vector("env-out-max");
        EjectionPolicy policy = EjectionPolicy.envoy().toBuilder()
                .maxEjectionPercent(vector.given().get("maxEjectionPercent").asDouble())
                .build();
        int hosts = vector.given().get("hosts").asInt();
        LoadBalancer pool = pool(
                hosts,
                XdsOutlierDetector.builder().errorsInARow(5).ejection(policy).build());
        calls(pool, 100, all(hosts, 0));
        assertThat(ejected(pool)).hasSize(vector.expect().get("ejected").asInt());
    }

    @Test
    void backOff_isCapped() {
        Vectors vector = vector("env-out-cap");
        EjectionPolicy policy = EjectionPolicy.envoy().toBuilder()
                .baseDuration(Duration.ofSeconds(
                        vector.given().get("baseEjectionSeconds").asInt()))
                .maxDuration(Duration.ofSeconds(
                        vector.given().get("maxEjectionSeconds").asInt()))
                .addedJitter(Duration.ZERO)
                .build();
        long longest = IntStream.rangeClosed(1, 1_000)
                .mapToLong(n -> policy.duration(n, new Random(n)).toSeconds())
                .max()
                .orElseThrow();
        assertThat(longest).isEqualTo(vector.expect().get("maxSeconds").asLong());
    }

    @Test
    void jitter_isTheRemainder() {
        Vectors vector = vector("env-out-jitter");
        EjectionPolicy policy = EjectionPolicy.envoy().toBuilder()
                .addedJitter(Duration.ofMillis(vector.given().get("maxJitterMs").asInt()))
                .build();
        Duration duration =
                policy.duration(1, () -> vector.given().get("random").asLong());
        assertThat(duration.minusSeconds(30).toMillis())
                .isEqualTo(vector.expect().get("jitterMs").asLong());
    }

    /** Envoy's own numbers: 50 is below 90 − 1.9 · 20 = 52. */
    @Test
    void successRate_asEnvoyComputesIt() {
        Vectors vector = vector("env-out-sr");
        int[] rates = Vectors.integers(vector.given().get("successRates")).stream()
                .mapToInt(rate -> rate)
                .toArray();
        LoadBalancer pool = pool(
                rates.length,
                XdsOutlierDetector.builder()
                        .successRate(vector.given().get("stdevFactor").asDouble(), 5, 100)
                        .build());
        calls(pool, 100, rates);
        assertThat(ejected(pool)).isEmpty();
        fixture.time.advance(INTERVAL);
        assertThat(ejected(pool)).containsExactly(id(0));
        assertThat(causes())
                .containsExactly("success rate 50.0 %, below "
                        + vector.expect().get("threshold").asInt() + ".0 %");
    }

    @Test
    void defaults_areEnvoys() {
        Vectors vector = vector("gcp-out");
        EjectionPolicy policy = OutlierDetectors.envoy().ejectionPolicy();
        assertThat(policy.baseDuration().toSeconds())
                .isEqualTo(vector.expect().get("baseEjectionSeconds").asInt());
        assertThat(policy.maxEjectionPercent())
                .isEqualTo(vector.expect().get("maxEjectionPercent").asDouble());
        int volume = vector.expect().get("requestVolume").asInt();
        int hosts = vector.expect().get("minimumHosts").asInt();

        LoadBalancer tooFewCalls = pool(hosts, OutlierDetectors.envoy());
        calls(tooFewCalls, volume - 1, oneBad(hosts, 50));
        fixture.time.advance(INTERVAL);
        assertThat(ejected(tooFewCalls)).isEmpty();

        LoadBalancer tooFewHosts = pool(hosts - 1, OutlierDetectors.envoy());
        calls(tooFewHosts, volume, oneBad(hosts - 1, 50));
        fixture.time.advance(INTERVAL);
        assertThat(ejected(tooFewHosts)).isEmpty();

        LoadBalancer enough = pool(hosts, OutlierDetectors.envoy());
        calls(enough, volume, oneBad(hosts, 50));
        fixture.time.advance(
                Duration.ofSeconds(vector.expect().get("intervalSeconds").asInt()));
        assertThat(ejected(enough)).containsExactly(id(0));

        int errors = vector.expect().get("consecutiveErrors").asInt();
        LoadBalancer inARow = pool(2, OutlierDetectors.envoy());
        call(inARow, 2 * (errors - 1), Map.of(id(0), Outcome.SERVER_ERROR));
        assertThat(ejected(inARow)).isEmpty();
        call(inARow, 2, Map.of(id(0), Outcome.SERVER_ERROR));
        assertThat(ejected(inARow)).containsExactly(id(0));
    }

    @Test
    void failurePercentage_asGrpcHasIt() {
        LoadBalancer pool = pool(5, OutlierDetectors.grpc());
        calls(pool, 75, oneBad(5, 16));
        fixture.time.advance(INTERVAL);
        assertThat(ejected(pool)).isEmpty();
        calls(pool, 75, oneBad(5, 15));
        fixture.time.advance(INTERVAL);
        assertThat(ejected(pool)).containsExactly(id(0));
        assertThat(causes()).containsExactly("85.3 % of 75 calls failed, at least 85.0 %");
    }

    @Test
    void intervals_standEachForItself() {
        LoadBalancer pool = pool(5, OutlierDetectors.grpc());
        calls(pool, 30, oneBad(5, 0));
        fixture.time.advance(INTERVAL);
        calls(pool, 30, oneBad(5, 0));
        fixture.time.advance(INTERVAL);
        assertThat(ejected(pool)).isEmpty();
    }

    @Test
    void worstOne_isEjectedFirst_andTheCapHolds() {
        LoadBalancer pool = pool(5, OutlierDetectors.grpc());
        calls(pool, 60, 10, 100, 0, 100, 100);
        fixture.time.advance(INTERVAL);
        assertThat(ejected(pool)).containsExactly(id(2));
    }

    @Test
    void failedConnects_countByThemselves() {
        LoadBalancer pool =
                pool(2, XdsOutlierDetector.builder().failedConnectsInARow(3).build());
        call(pool, 20, Map.of(id(0), Outcome.SERVER_ERROR));
        call(pool, 4, Map.of(id(0), Outcome.NEVER_SENT));
        call(pool, 2, Map.of(id(0), Outcome.SERVER_ERROR));
        call(pool, 4, Map.of(id(0), Outcome.NEVER_SENT));
        assertThat(ejected(pool)).isEmpty();
        call(pool, 2, Map.of(id(0), Outcome.NEVER_SENT));
        assertThat(ejected(pool)).containsExactly(id(0));
        assertThat(causes()).containsExactly("3 failed connects in a row");
    }

    /** Envoy, arch_overview/upstream/outlier: 502, 503 and 504, and what the proxy itself met: timeouts, resets, connects. */
    @ParameterizedTest
    @EnumSource(
            value = Outcome.class,
            names = {"GATEWAY_ERROR", "NEVER_SENT", "TIMED_OUT", "FAILED"})
    void gatewayErrors_inARow_areEjected(Outcome outcome) {
        LoadBalancer pool =
                pool(2, XdsOutlierDetector.builder().gatewayErrorsInARow(5).build());
        call(pool, 8, Map.of(id(0), outcome));
        assertThat(ejected(pool)).isEmpty();
        call(pool, 2, Map.of(id(0), outcome));
        assertThat(ejected(pool)).containsExactly(id(0));
        assertThat(causes()).containsExactly("5 gateway errors in a row");
    }

    /** As in outlier_detection_impl_test.cc, BasicFlowGatewayFailure: a 500 is not one, and ends the run. */
    @ParameterizedTest
    @EnumSource(
            value = Outcome.class,
            names = {"SERVER_ERROR", "THROTTLED", "SUCCESS"})
    void gatewayErrors_withAnythingElseInBetween_areForgiven(Outcome between) {
        LoadBalancer pool =
                pool(2, XdsOutlierDetector.builder().gatewayErrorsInARow(5).build());
        call(pool, 8, Map.of(id(0), Outcome.GATEWAY_ERROR));
        call(pool, 2, Map.of(id(0), between));
        call(pool, 8, Map.of(id(0), Outcome.GATEWAY_ERROR));
        assertThat(ejected(pool)).isEmpty();
        call(pool, 2, Map.of(id(0), Outcome.GATEWAY_ERROR));
        assertThat(ejected(pool)).containsExactly(id(0));
    }

    @Test
    void serverErrors_areNoGatewayErrors() {
        LoadBalancer pool =
                pool(2, XdsOutlierDetector.builder().gatewayErrorsInARow(2).build());
        call(pool, 100, Map.of(id(0), Outcome.SERVER_ERROR));
        assertThat(ejected(pool)).isEmpty();
    }

    /** Envoy's enforcing_consecutive_gateway_failure is 0 by default; as failures they count all the same. */
    @Test
    void gatewayErrors_underEnvoysDefaults_areFailuresInARow() {
        LoadBalancer pool = pool(2, OutlierDetectors.envoy());
        call(pool, 10, Map.of(id(0), Outcome.GATEWAY_ERROR));
        assertThat(causes()).containsExactly("5 failures in a row");
    }

    @Test
    void latency_farAboveTheMedian_isEjected() {
        LoadBalancer pool =
                pool(5, XdsOutlierDetector.builder().latency(5, 5, 50).build());
        for (int i = 0; i < 100; i++) {
            Lease[] leases = IntStream.range(0, 5).mapToObj(b -> lease(pool)).toArray(Lease[]::new);
            fixture.time.advance(Duration.ofMillis(10));
            for (Lease lease : leases) {
                if (!lease.backend().id().equals(id(3))) {
                    lease.complete(Outcome.SUCCESS);
                }
            }
            fixture.time.advance(Duration.ofMillis(80));
            for (Lease lease : leases) {
                lease.complete(Outcome.SUCCESS);
            }
        }
        fixture.time.advance(INTERVAL);
        assertThat(ejected(pool)).containsExactly(id(3));
        assertThat(causes().get(0)).contains("ms to the answer").contains("times the pool's median");
    }

    @Test
    void returned_isNotJudgedByWhatItDidBefore() {
        LoadBalancer pool = pool(5, OutlierDetectors.envoy());
        calls(pool, 100, oneBad(5, 0));
        assertThat(ejected(pool)).containsExactly(id(0));
        fixture.time.advance(Duration.ofSeconds(34));
        assertThat(ejected(pool)).isEmpty();
        calls(pool, 100, all(5, 100));
        fixture.time.advance(INTERVAL);
        assertThat(ejected(pool)).isEmpty();
    }

    @Test
    void badSettings_areRefused() {
        XdsOutlierDetector.Builder rules = XdsOutlierDetector.builder();
        refused(
                () -> rules.build(),
                "outlier rules must have a rule; to eject no backend, use OutlierDetectors.none()");
        refused(() -> rules.errorsInARow(0), "outlier errorsInARow must be 1..1000000: 0");
        refused(
                () -> rules.successRate(Double.NaN, 5, 100),
                "outlier successRate factor must be greater than 0 and at");
        refused(() -> rules.successRate(1.9, 0, 100), "outlier minBackends must be 1..10000: 0");
        refused(() -> rules.failurePercentage(100.1, 5, 50), "greater than 0 and at most 100: 100.1");
        refused(() -> rules.failurePercentage(85, 5, 0), "outlier minCalls must be 1..1000000: 0");
        refused(() -> rules.latency(1, 5, 50), "outlier latency factor must be greater than 1 and at most 1000: 1.0");
        refused(() -> rules.interval(Duration.ZERO), "outlier interval must be 100 ms to 1 h: PT0S");
    }

    private static void refused(Runnable setting, String message) {
        assertThatThrownBy(setting::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
