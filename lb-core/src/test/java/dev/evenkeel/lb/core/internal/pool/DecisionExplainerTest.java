package dev.evenkeel.lb.core.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Decision;
import dev.evenkeel.lb.Decision.Option;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Why this backend, and why not the others. */
class DecisionExplainerTest {
    private final PoolFixture fixture = new PoolFixture();

    private static Backend.Builder backend(String id) {
        return Backend.builder("http://" + id + ".test:1").id(id);
    }

    private static Ineligibility reason(Decision decision, String id) {
        return decision.option(id).orElseThrow().reason();
    }

    private static Decision decide(LoadBalancer pool, RequestContext context) {
        Decision before = pool.explain(context);
        return before.with(pool.acquire(context));
    }

    @Test
    void everyReason_isGiven() {
        LoadBalancer pool = fixture.builder()
                .strategy(Strategies.leastConnections())
                .priorities(PriorityPolicy.strict())
                .backends(List.of(
                        backend("free").build(),
                        backend("tried").build(),
                        backend("drains").build(),
                        backend("mended").build(),
                        backend("full").maxInFlight(1).build(),
                        backend("standby").priority(1).build()))
                .build();
        Lease held = PoolFixture.lease(pool, RequestContext.NONE.withBoundBackend("full"));
        assertThat(held.backend().id()).isEqualTo("full");
        pool.registry().maintenance("mended");
        pool.registry().drain("drains", Duration.ofMinutes(1));

        Decision decision = decide(
                pool, RequestContext.NONE.withTried(List.of(backend("tried").build())));

        assertThat(decision.chosen()).isNotNull();
        assertThat(decision.chosen().id()).isEqualTo("free");
        assertThat(reason(decision, "free")).isNull();
        assertThat(reason(decision, "tried")).isEqualTo(Ineligibility.TRIED);
        assertThat(reason(decision, "drains")).isEqualTo(Ineligibility.DRAINING);
        assertThat(reason(decision, "mended")).isEqualTo(Ineligibility.MAINTENANCE);
        assertThat(reason(decision, "full")).isEqualTo(Ineligibility.FULL);
        assertThat(reason(decision, "standby")).isEqualTo(Ineligibility.STANDBY);
        assertThat(decision.toString())
                .isEqualTo("pool \"users\" (leastConnections) chose free: load 1.00 = (0 in flight + 1) x 1.00 failures"
                        + " / weight 1.00; not eligible: tried (tried in this call); drains (draining);"
                        + " mended (in maintenance); full (full: 1 calls in flight, at most 1);"
                        + " standby (not used: standby tier)");
        assertThat(decision.reasons())
                .isEqualTo(Map.of(
                        Ineligibility.TRIED, 1,
                        Ineligibility.DRAINING, 1,
                        Ineligibility.MAINTENANCE, 1,
                        Ineligibility.FULL, 1,
                        Ineligibility.STANDBY, 1));
        held.complete(Outcome.SUCCESS);
    }

    @Test
    void ejectedBackend_saysForHowLong() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1", "http://c:1")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .build();
        PoolFixture.call(pool, 9, Map.of("a:1", Outcome.SERVER_ERROR));

        Option ejected = pool.explain(RequestContext.NONE).option("a:1").orElseThrow();

        assertThat(ejected.reason()).isEqualTo(Ineligibility.EJECTED);
        assertThat(ejected.explanation()).matches("ejected for another \\d+ ms");
    }

    @Test
    void figuresOfTheStrategy_standForThoseThatCouldHaveBeen() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .strategy(Strategies.leastConnections())
                .build();
        Lease first = PoolFixture.lease(pool);
        String busy = first.backend().id();

        Decision decision = decide(pool, RequestContext.NONE);

        assertThat(decision.chosen().id()).isNotEqualTo(busy);
        Option other = decision.option(busy).orElseThrow();
        assertThat(other.isEligible()).isTrue();
        assertThat(other.inFlight()).isEqualTo(1);
        assertThat(other.weight()).isEqualTo(1);
        assertThat(decision.toString())
                .endsWith("; eligible too: " + busy + " (load 2.00 = (1 in flight + 1) x 1.00 failures / weight 1.00)");
        first.complete(Outcome.SUCCESS);
    }

    @Test
    void backendsOfAnotherSubset_areSaidToBe() {
        LoadBalancer pool = fixture.builder()
                .strategy(Strategies.roundRobin())
                .backends(List.of(
                        backend("one").metadata("version", "1").build(),
                        backend("two").metadata("version", "2").build()))
                .subsets(SubsetPolicy.noFallback().withSelector("version"))
                .build();
        RequestContext context = RequestContext.NONE.withSubset(Subset.of("version", "2"));

        Decision decision = decide(pool, context);

        assertThat(decision.chosen().id()).isEqualTo("two");
        assertThat(reason(decision, "one")).isEqualTo(Ineligibility.OTHER_SUBSET);
        assertThat(decision.toString()).endsWith("; not eligible: one (not of the subset)");
    }

    @Test
    void boundSession_isTheReason() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1").build();

        assertThat(decide(pool, RequestContext.NONE.withBoundBackend("b:1")).toString())
                .startsWith("pool \"users\" (adaptive) chose b:1, to which the session is bound: cost ");
        pool.registry().maintenance("b:1");
        assertThat(decide(pool, RequestContext.NONE.withBoundBackend("b:1")).toString())
                .startsWith("pool \"users\" (adaptive) chose a:1: cost ")
                .contains("; the session is bound to b:1; not eligible: b:1 (in maintenance)");
    }

    @Test
    void nobody_isExplainedToo() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        pool.registry().maintenance("a:1");

        Decision decision = decide(pool, RequestContext.NONE);

        assertThat(decision.chosen()).isNull();
        assertThat(decision.refusal()).contains("no backend available");
        assertThat(decision.toString())
                .contains("chose no backend: pool \"users\" has no backend available: 1 backend");
        pool.close();
        assertThat(decide(pool, RequestContext.NONE).refusal()).contains("the pool is closed");
    }

    @Test
    void explaining_changesNothing_andAcquiresNothing() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1").build();
        long version = pool.snapshot().version();

        Decision decision = pool.explain(RequestContext.NONE);

        assertThat(decision.toString())
                .startsWith("pool \"users\" (adaptive) has chosen no backend yet; eligible too: ");
        assertThat(pool.snapshot().version()).isEqualTo(version);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void largePool_isCountedAndNotListed() {
        LoadBalancer pool = fixture.builder(IntStream.range(0, 50)
                        .mapToObj(i -> "http://b" + i + ":1")
                        .toArray(String[]::new))
                .strategy(Strategies.roundRobin())
                .build();

        Decision decision = decide(pool, RequestContext.NONE);

        assertThat(decision.options()).hasSize(50);
        assertThat(decision.toString()).endsWith("; 29 more");
    }

    @Test
    void strategyThatCannotExplain_costsNobodyTheCall() {
        LoadBalancer pool = fixture.builder("http://a:1")
                .strategy(context -> new Picker() {
                    @Override
                    public Candidate pick(PickRequest request) {
                        return context.candidates().get(0);
                    }

                    @Override
                    public String explain(Candidate candidate, long nowNanos) {
                        throw new IllegalStateException("no idea");
                    }
                })
                .build();

        assertThat(decide(pool, RequestContext.NONE).toString())
                .endsWith(" chose a:1: the strategy threw java.lang.IllegalStateException: no idea");
    }

    /** A trial takes one call at a time while the request has another backend, and any call if it has none. */
    @Test
    void backendOnTrial_isExplainedByWhatElseTheRequestMayUse() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .build();
        PoolFixture.call(pool, 9, Map.of("a:1", Outcome.SERVER_ERROR));
        fixture.time.advance(Duration.ofMillis(1_300));
        Lease trial = PoolFixture.lease(
                pool, RequestContext.NONE.withPermitted(backend -> backend.id().equals("a:1")));

        Option beside = pool.explain(RequestContext.NONE).option("a:1").orElseThrow();
        Option alone = pool.explain(RequestContext.NONE.withTried(List.of(Backend.of("http://b:1"))))
                .option("a:1")
                .orElseThrow();

        assertThat(beside.isEligible()).isFalse();
        assertThat(alone.isEligible()).isTrue();
        trial.complete(Outcome.SUCCESS);
    }

    /** Its explanation is empty, a text, or an error of the machine. */
    private static LoadBalancingStrategy explaining(Supplier<String> text) {
        return context -> new Picker() {
            @Override
            public Candidate pick(PickRequest request) {
                return context.candidates().get(0);
            }

            @Override
            public String explain(Candidate candidate, long nowNanos) {
                return text.get();
            }
        };
    }

    private String explanationInSlowStart(Supplier<String> text) {
        LoadBalancer pool = fixture.builder("http://a:1")
                .strategy(explaining(text))
                .slowStart(SlowStart.of(Duration.ofSeconds(30)))
                .build();
        fixture.time.advance(Duration.ofMinutes(1));
        pool.registry().add(Backend.of("http://b:1"));
        fixture.time.advance(Duration.ofSeconds(10));
        return pool.explain(RequestContext.NONE).option("b:1").orElseThrow().explanation();
    }

    @Test
    void unusualUse_isToldBeforeTheFiguresOfTheStrategy_ifItHasAny() {
        String use = explanationInSlowStart(() -> "");

        assertThat(use).isEqualTo("used; slow start at 33 %");
        assertThat(explanationInSlowStart(() -> "load 1")).isEqualTo(use + "; load 1");
    }

    @Test
    void strategyThatRunsOutOfMemoryWhenItExplains_isHeard() {
        LoadBalancer pool = fixture.builder("http://a:1")
                .strategy(explaining(() -> {
                    throw new OutOfMemoryError("test");
                }))
                .build();

        assertThatThrownBy(() -> pool.explain(RequestContext.NONE)).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void decisionLog_isOffByDefault_andWritesWhatIsAskedFor() {
        List<String> lines = new ArrayList<>();
        Logger logger = Logger.getLogger("dev.evenkeel.lb.decisions");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                lines.add(record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            LoadBalancer pool = fixture.builder("http://a:1").build();
            PoolFixture.call(pool, 10);
            assertThat(lines).isEmpty();

            pool.logDecisions(1);
            PoolFixture.call(pool, 10);
            assertThat(lines).hasSize(10).allMatch(line -> line.startsWith("pool \"users\" (adaptive) chose a:1"));

            pool.logDecisions(1_000);
            PoolFixture.call(pool, 20_000);
            // Twenty are to be expected; one in 10^8 runs has none of them.
            assertThat(lines).hasSizeBetween(11, 110);

            pool.logDecisions(0);
            lines.clear();
            PoolFixture.call(pool, 10);
            assertThat(lines).isEmpty();
            assertThatThrownBy(() -> pool.logDecisions(-1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("oneOf must be at least 0: -1; 0 is for none, 1 for all");

            LoadBalancerBuilder written = fixture.builder("http://a:1").logDecisions(1);
            LoadBalancer fromTheBeginning = written.build();
            PoolFixture.call(fromTheBeginning, 3);
            assertThat(lines).hasSize(3);
            fromTheBeginning.logDecisions(0);
            written.sessionIdleTimeout(Duration.ofSeconds(5)).applyTo(fromTheBeginning);
            PoolFixture.call(fromTheBeginning, 3);
            assertThat(lines).hasSize(3);
            written.logDecisions(0).applyTo(fromTheBeginning);
            written.logDecisions(1).applyTo(fromTheBeginning);
            PoolFixture.call(fromTheBeginning, 3);
            assertThat(lines).hasSize(6);
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
    }
}
