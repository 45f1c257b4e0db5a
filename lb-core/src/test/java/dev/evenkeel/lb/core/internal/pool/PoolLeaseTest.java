package dev.evenkeel.lb.core.internal.pool;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What a strategy reads of the request, and what becomes of what the lease's holder says. */
class PoolLeaseTest {
    private final PoolFixture fixture = new PoolFixture();
    private final List<PickRequest> requests = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();

    /** Picks the first candidate that the request accepts, and writes down what it hears. */
    private final LoadBalancingStrategy listening = context -> new Picker() {
        @Override
        public Candidate pick(PickRequest request) {
            requests.add(request);
            return context.candidates().stream()
                    .filter(request::accepts)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public void started(Candidate candidate, long nowNanos) {
            heard.add("started " + nowNanos);
        }

        @Override
        public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
            heard.add(outcome + " " + latencyNanos + " " + nowNanos);
        }

        @Override
        public void reported(Candidate candidate, LoadReport report, long nowNanos) {
            heard.add("report " + report.cpuUtilization());
        }
    };

    private final LoadBalancer pool =
            fixture.builder("http://a:1", "http://b:1").strategy(listening).build();

    @Test
    void request_hasWhatItsContextSays() throws Exception {
        InetAddress address = InetAddress.getByAddress(new byte[] {10, 0, 0, 7});
        Predicate<Backend> permitted = backend -> backend.id().equals("b:1");
        List<Backend> tried = List.of(Backend.of("http://a:1"));
        Lease lease = lease(
                pool,
                RequestContext.ofClientAddress(address)
                        .withPermitted(permitted)
                        .withTried(tried)
                        .withPassiveHealthIgnored(true));
        PickRequest request = requests.get(0);
        assertThat(request.clientAddress()).isSameAs(address);
        assertThat(request.affinityKey()).isNull();
        assertThat(request.permitted()).isSameAs(permitted);
        assertThat(request.tried()).isEqualTo(tried);
        assertThat(request.ignoresPassiveHealth()).isTrue();
        assertThat(request.nowNanos()).isEqualTo(fixture.time.nanoTime());
        assertThat(lease.backend().id()).isEqualTo("b:1");
        assertThat(lease).hasToString("Lease[users " + lease.backend() + "]");

        lease(pool, RequestContext.ofAffinityKey("k"));
        PickRequest other = requests.get(1);
        assertThat(other.affinityKey()).isEqualTo("k");
        assertThat(other.clientAddress()).isNull();
        assertThat(other.permitted()).isNull();
        assertThat(other.tried()).isEmpty();
        assertThat(other.ignoresPassiveHealth()).isFalse();
    }

    @Test
    void strategy_hearsOfTheStart_theReport_andTheEnd_withTheLatencyToTheAnswer() {
        long began = fixture.time.nanoTime();
        Lease lease = lease(pool);
        fixture.time.advance(Duration.ofNanos(7));
        lease.responded();
        fixture.time.advance(Duration.ofNanos(5));
        lease.report(LoadReport.builder().cpuUtilization(0.5).build());
        assertThat(lease.complete(Outcome.SUCCESS)).isTrue();
        assertThat(lease.complete(Outcome.FAILED)).isFalse();
        lease.responded();
        assertThat(heard).containsExactly("started " + began, "report 0.5", "SUCCESS 7 " + (began + 12));
        Lease silent = lease(pool);
        fixture.time.advance(Duration.ofNanos(3));
        silent.complete(Outcome.TIMED_OUT);
        assertThat(heard).last().isEqualTo("TIMED_OUT 3 " + (began + 15));
    }

    /** The call goes on: what a strategy does beside its choice must not fail it. */
    @Test
    void strategyThatThrowsAtAStartOrAnEnd_isToldOnce_andCountedEachTime() {
        LoadBalancingStrategy broken = context -> new Picker() {
            @Override
            public Candidate pick(PickRequest request) {
                return context.candidates().get(0);
            }

            @Override
            public void started(Candidate candidate, long nowNanos) {
                throw new IllegalStateException("bug");
            }

            @Override
            public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
                throw new IllegalStateException("bug");
            }
        };
        try (LoadBalancer careless =
                fixture.builder("http://a:1").strategy(broken).build()) {
            assertThat(lease(careless).complete(Outcome.SUCCESS)).isTrue();
            assertThat(lease(careless).complete(Outcome.SUCCESS)).isTrue();
            assertThat(careless.figures().faults()).isEqualTo(4);
            assertThat(fixture.events(StrategyFailed.class))
                    .extracting(StrategyFailed::fault)
                    .hasSize(1)
                    .allSatisfy(fault -> assertThat(fault).endsWith("threw java.lang.IllegalStateException: bug"));
            assertThat(careless.snapshot().inFlight()).isZero();
        }
    }

    @Test
    void errorThatEndsTheMachine_atAReport_isPassedOn() {
        LoadBalancingStrategy broken = context -> new Picker() {
            @Override
            public Candidate pick(PickRequest request) {
                return context.candidates().get(0);
            }

            @Override
            public void reported(Candidate candidate, LoadReport report, long nowNanos) {
                throw new OutOfMemoryError("none left");
            }
        };
        try (LoadBalancer careless =
                fixture.builder("http://a:1").strategy(broken).build()) {
            Lease lease = lease(careless);
            LoadReport report = LoadReport.builder().cpuUtilization(0.5).build();
            assertThatThrownBy(() -> lease.report(report)).isInstanceOf(OutOfMemoryError.class);
            assertThat(careless.figures().faults()).isEqualTo(1);
            assertThat(lease.complete(Outcome.SUCCESS)).isTrue();
        }
    }

    @Test
    void observers_hearTheKindOfTheAttempt() {
        pool.addObserver(new AttemptObserver() {
            @Override
            public void attemptStarted(Backend backend, AttemptKind kind) {
                heard.add(backend.id() + " " + kind);
            }

            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {}
        });
        lease(pool);
        lease(pool, RequestContext.NONE.withTried(List.of(Backend.of("http://a:1"))));
        assertThat(heard).contains("a:1 FIRST", "b:1 RETRY");
    }

    /** Of all users of the affinity this is the one that a request meets without a strategy that needs one. */
    private LoadBalancer withAffinity(Throwable thrown) {
        return fixture.builder("http://a:1")
                .strategy(new LoadBalancingStrategy() {
                    @Override
                    public Picker newPicker(PickerContext context) {
                        return Strategies.roundRobin().newPicker(context);
                    }

                    @Override
                    public Object affinity(RequestContext context) {
                        if (thrown instanceof Error error) {
                            throw error;
                        }
                        throw (RuntimeException) thrown;
                    }
                })
                .slowStart(SlowStart.of(Duration.ofSeconds(10)))
                .build();
    }

    private static void ramp(LoadBalancer pool) {
        pool.registry().add(Backend.of("http://new:1"));
        for (int i = 0; i < 8; i++) {
            lease(pool).complete(Outcome.SUCCESS);
        }
    }

    @Test
    void affinityThatThrows_isLoggedAndCounted_andTheCallIsMade() {
        try (LogLines log = new LogLines("affinity failed")) {
            LoadBalancer broken = withAffinity(new IllegalStateException("bug"));
            ramp(broken);
            assertThat(log.lines()).contains("WARNING pool users: the strategy's affinity failed");
            broken.close();
        }
    }

    @Test
    void affinityThatEndsTheMachine_isPassedOn() {
        LoadBalancer broken = withAffinity(new OutOfMemoryError("none left"));
        assertThatThrownBy(() -> ramp(broken)).isInstanceOf(OutOfMemoryError.class);
        broken.close();
    }

    /** Of a backend on trial the answer is judged at once, with the time that it took. */
    @Test
    void answerOfABackendOnTrial_isJudgedWithItsLatency() {
        OutlierDetector detector = timeSource -> (candidate, outcome, latencyNanos, nowNanos, peers) -> {
            heard.add("judged " + outcome + " " + latencyNanos);
            return outcome.isFailure() ? "it failed" : null;
        };
        try (LoadBalancer watched = fixture.builder("http://a:1", "http://b:1")
                .strategy(Strategies.roundRobin())
                .outlierDetection(detector)
                .build()) {
            RequestContext atA =
                    RequestContext.NONE.withPermitted(backend -> backend.id().equals("a:1"));
            lease(watched, atA).complete(Outcome.FAILED);
            assertThat(PoolFixture.status(watched, "a:1").ejectedFor()).isNotNull();
            fixture.time.advance(Duration.ofHours(1));
            heard.clear();

            Lease trial = lease(watched, atA);
            fixture.time.advance(Duration.ofNanos(5));
            trial.responded(Outcome.SUCCESS);
            assertThat(heard).containsExactly("judged SUCCESS 5");
            fixture.time.advance(Duration.ofNanos(4));
            trial.complete(Outcome.SUCCESS);
            assertThat(heard).as("once").hasSize(1);
        }
    }

    @Test
    void callsOfAHalfOpenBackend_holdItsPermissions_untilTheyEnd() {
        try (LoadBalancer guarded = fixture.builder("http://a:1", "http://b:1")
                .strategy(Strategies.roundRobin())
                .outlierDetection(OutlierDetectors.none())
                .circuitBreaker(BreakerPolicy.builder().halfOpenCalls(1).build())
                .build()) {
            RequestContext atA =
                    RequestContext.NONE.withPermitted(backend -> backend.id().equals("a:1"));
            for (int i = 0; i < 10; i++) {
                lease(guarded, atA).complete(Outcome.SERVER_ERROR);
            }
            fixture.time.advance(Duration.ofMillis(1_200));
            Lease trial = takeTrial(guarded);
            assertThat(trialIsFree(guarded)).isFalse();
            trial.complete(Outcome.CANCELLED);
            assertThat(trialIsFree(guarded)).isTrue();
        }
    }

    private static Lease takeTrial(LoadBalancer pool) {
        for (int i = 0; i < 4; i++) {
            Lease lease = lease(pool);
            if (lease.backend().id().equals("a:1")) {
                return lease;
            }
            lease.complete(Outcome.SUCCESS);
        }
        throw new AssertionError("no call met a:1");
    }

    private static boolean trialIsFree(LoadBalancer pool) {
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            leases.add(lease(pool));
        }
        leases.forEach(lease -> lease.complete(Outcome.CANCELLED));
        return leases.stream().anyMatch(lease -> lease.backend().id().equals("a:1"));
    }
}
