package dev.evenkeel.lb.examples.registries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.discovery.XdsDiscovery;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools that follow a real java-control-plane: lists, pushes, weights, health, outages, streams that are cut. */
@Tag("long")
@Timeout(900)
class XdsTest {
    private static final Duration LONG = Duration.ofSeconds(90);

    private static XdsDiscovery.Builder source(String url) {
        return XdsDiscovery.builder(new OkHttpClient(), "users", url)
                .backoff(Duration.ofMillis(20), Duration.ofMillis(500));
    }

    private static XdsDiscovery.Builder source(ControlPlane plane, boolean delta) {
        XdsDiscovery.Builder source = source(plane.url());
        return delta ? source.delta() : source;
    }

    private static LoadBalancer pool(XdsDiscovery source) {
        return LoadBalancers.builder("users")
                .strategy(Strategies.weightedRoundRobin())
                .discovery(source)
                .initialDiscoveryTimeout(LONG)
                .build();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void endpoints_areFollowed_andAControlPlaneThatStopsCostsNoCall(boolean delta) throws Exception {
        try (Replicas replicas = new Replicas(4);
                ControlPlane plane = new ControlPlane("users", delta)) {
            plane.put(replicas.port(0), 1, HealthStatus.HEALTHY);
            plane.put(replicas.port(1), 1, HealthStatus.UNKNOWN);
            plane.push();
            try (Traffic traffic = new Traffic(source(plane, delta).build())) {
                traffic.awaitReplicas(replicas, 0, 1);

                plane.put(replicas.port(2), 3, HealthStatus.HEALTHY);
                plane.push();
                traffic.awaitReplicas(replicas, 0, 1, 2);
                assertThat(traffic.weight(replicas.address(2))).isEqualTo(3);

                plane.put(replicas.port(0), 1, HealthStatus.DRAINING);
                plane.put(replicas.port(1), 1, HealthStatus.DEGRADED);
                plane.put("0.0.0.0", 80, 1, HealthStatus.HEALTHY);
                plane.push();
                traffic.awaitReplicas(replicas, 1, 2);
                traffic.awaitError("1 of 3 entries are left out");
                traffic.stays(replicas, 200, 1, 2);

                plane.stop();
                traffic.awaitError("xDS cluster users: Failed to connect");
                traffic.stays(replicas, 500, 1, 2);

                plane.remove(replicas.port(1));
                plane.put(replicas.port(3), 1, HealthStatus.HEALTHY);
                plane.push();
                plane.start();
                traffic.awaitReplicas(replicas, 2, 3);
                assertThat(plane.refusals).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void weightsOfThreeToOne_areExact_andLocalityAndMetadataAreTheEndpoints(boolean delta) throws Exception {
        try (ControlPlane plane = new ControlPlane("users-blue", false)) {
            plane.put("10.0.0.1", 8080, 3, HealthStatus.HEALTHY);
            plane.put("10.0.0.2", 8080, 1, HealthStatus.DEGRADED);
            plane.push();
            XdsDiscovery source = source(plane, delta)
                    .cds()
                    .nodeId("node7")
                    .nodeCluster("shop")
                    .nodeMetadata("version", "v23")
                    .nodeLocality("eu", "eu-1b", "rack9")
                    .build();
            try (LoadBalancer pool = pool(source)) {
                Map<String, Integer> picks = new HashMap<>();
                for (int i = 0; i < 400; i++) {
                    Lease lease = (Lease) pool.acquire(RequestContext.NONE);
                    picks.merge(lease.backend().id(), 1, Integer::sum);
                    lease.complete(Outcome.SUCCESS);
                }
                assertThat(picks).isEqualTo(Map.of("10.0.0.1:8080", 300, "10.0.0.2:8080", 100));
                assertThat(pool.snapshot().backends())
                        .extracting(BackendStatus::backend)
                        .contains(Backend.builder("http://10.0.0.2:8080")
                                .priority(1)
                                .zone("eu-1a")
                                .metadata("version", "2")
                                .metadata("xds.region", "eu")
                                .metadata("xds.health", "DEGRADED")
                                .build());
                assertThat(plane.nodes.peek()).satisfies(node -> {
                    assertThat(node.getId()).isEqualTo("node7");
                    assertThat(node.getCluster()).isEqualTo("shop");
                    assertThat(node.getMetadata().getFieldsOrThrow("version").getStringValue())
                            .isEqualTo("v23");
                    assertThat(node.getLocality().getRegion()).isEqualTo("eu");
                    assertThat(node.getLocality().getZone()).isEqualTo("eu-1b");
                    assertThat(node.getLocality().getSubZone()).isEqualTo("rack9");
                    assertThat(node.getUserAgentName()).isEqualTo("evenkeel");
                });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void streamsThatAreCut_endWithTheListOfTheControlPlane(boolean delta) throws Exception {
        cut(50, delta);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("soak")
    void streamsThatAreCutAThousandTimes_endWithTheListOfTheControlPlane(boolean delta) throws Exception {
        cut(1_000, delta);
    }

    private static void cut(int cuts, boolean delta) throws Exception {
        Random random = new Random(20_261_130);
        try (ControlPlane plane = new ControlPlane("users", false);
                CuttingRelay relay = new CuttingRelay(plane.port(), 7, 1_500)) {
            Set<Integer> ports = new TreeSet<>();
            change(plane, ports, random);
            XdsDiscovery.Builder source = source(relay.url()).backoff(Duration.ofMillis(1), Duration.ofMillis(4));
            try (LoadBalancer pool = pool(delta ? source.delta().build() : source.build())) {
                for (int round = 1; round <= 10; round++) {
                    int until = cuts * round / 10;
                    relay.cutting = true;
                    relay.cutAll();
                    while (relay.cuts.get() < until) {
                        change(plane, ports, random);
                        int before = relay.cuts.get();
                        await().pollDelay(Duration.ZERO)
                                .pollInterval(Duration.ofMillis(1))
                                .atMost(LONG)
                                .until(() ->
                                        relay.cuts.get() > before || ports(pool).equals(ports));
                    }
                    relay.cutting = false;
                    relay.cutAll();
                    await().atMost(LONG)
                            .untilAsserted(() -> assertThat(ports(pool)).isEqualTo(ports));
                }
            }
            assertThat(relay.cuts.get()).isGreaterThanOrEqualTo(cuts);
            assertThat(plane.refusals).isEmpty();
        }
    }

    /** Adds or removes one of 20 endpoints, never the last. */
    private static void change(ControlPlane plane, Set<Integer> ports, Random random) {
        int port = 8_001 + random.nextInt(20);
        if (ports.size() > 1 && ports.remove(port)) {
            plane.remove(port);
        } else if (ports.add(port)) {
            plane.put(port, 1, HealthStatus.HEALTHY);
        }
        plane.push();
    }

    private static Set<Integer> ports(LoadBalancer pool) {
        List<BackendStatus> backends = pool.snapshot().backends();
        return backends.stream().map(status -> status.backend().port()).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void clusterThatTheControlPlaneDoesNotHave_isTold_andFollowedOnceItHas() throws Exception {
        OkHttpClient impatient =
                new OkHttpClient.Builder().readTimeout(Duration.ofMillis(500)).build();
        Queue<String> errors = new ConcurrentLinkedQueue<>();
        try (ControlPlane plane = new ControlPlane("users", false);
                LoadBalancer pool = LoadBalancers.builder("users")
                        .discovery(XdsDiscovery.builder(impatient, "users", plane.url())
                                .backoff(Duration.ofMillis(20), Duration.ofMillis(100))
                                .build())
                        .initialDiscoveryTimeout(Duration.ofMillis(1))
                        .listener(event -> {
                            if (event instanceof DiscoveryFailed failed) {
                                errors.add(String.valueOf(failed.cause().getMessage()));
                            }
                        })
                        .build()) {
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(errors)
                            .contains(
                                    "xDS cluster users: the control plane has sent no endpoints of cluster users within"
                                            + " 500 ms"));
            assertThat(pool.snapshot().backends()).isEmpty();

            plane.put("10.0.0.1", 8080, 1, HealthStatus.HEALTHY);
            plane.push();
            await().atMost(LONG).until(() -> pool.snapshot().backends().size() == 1);
        }
    }
}
