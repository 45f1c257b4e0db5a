package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.AdminStateChanged;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.limit.AdaptiveLimit;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A pool of two tiers against a simple model of its documented rules: random sequences of calls, checks, changes by an
 * operator, membership, reloads of strategy and limits, and listeners that throw, with breakers, ejections and adaptive
 * limits. After each step eligibility, reasons, calls in flight, breakers, ejections, drains, weights, tiers and events
 * agree, and no call is refused while a backend can take it. A failure prints the shortest sequence that was found to
 * fail.
 *
 * <p>{@link PoolModel} has the rules. An adaptive limit here has a range of one value, so that it is known.
 */
class PoolModelTest {
    private static final int STEPS = 500;
    /** Mutation tests take fewer. */
    private static final int SEEDS = Integer.getInteger("evenkeel.model.seeds", 40);

    private static final int BACKENDS = 5;
    private static final int MAX_SHRINK_RUNS = 400;
    private static final Duration SETTLE = Duration.ofSeconds(3);
    private static final Outcome[] OUTCOMES = {
        Outcome.SUCCESS,
        Outcome.SERVER_ERROR,
        Outcome.FAILED,
        Outcome.CANCELLED,
        Outcome.DISCARDED,
        Outcome.TIMED_OUT,
        Outcome.SUCCESS,
        Outcome.FAILED
    };

    enum Kind {
        CALL,
        CALL_AGAIN,
        RESPOND,
        END,
        END_ANOTHER,
        DRAIN,
        MAINTENANCE,
        ACTIVATE,
        ADD,
        REMOVE,
        WEIGHT,
        SICKEN,
        HEAL,
        REFRESH,
        RELOAD_SAME,
        RELOAD_CHANGED,
        RELOAD_LIMIT,
        CLOCK,
        LISTENER_THROWS
    }

    /** One step; what it does to which backend depends on the numbers and on the state that it meets. */
    record Step(Kind kind, int which, int how) {
        @Override
        public String toString() {
            return kind + "(" + which + ", " + how + ")";
        }
    }

    private static List<Step> steps(long seed) {
        Random random = new Random(seed);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            steps.add(new Step(kind, random.nextInt(BACKENDS), random.nextInt(100)));
        }
        return steps;
    }

    @Test
    void twentyThousandSteps_poolAgreesWithTheModel() {
        runSeeds(SEEDS);
    }

    @Test
    @Tag("soak")
    void aMillionSteps_poolAgreesWithTheModel() {
        runSeeds(2_000);
    }

    private static void runSeeds(int seeds) {
        for (long seed = 0; seed < seeds; seed++) {
            List<Step> steps = steps(seed);
            Failure failure = run(steps);
            if (failure != null) {
                List<Step> shortest = shrink(steps.subList(0, failure.step() + 1));
                Failure again = run(shortest);
                fail("seed " + seed + " fails with " + shortest + ": " + (again == null ? failure : again).text());
            }
        }
    }

    /** Leaves out steps as long as the rest still fails. */
    private static List<Step> shrink(List<Step> failing) {
        List<Step> shortest = new ArrayList<>(failing);
        int runs = 0;
        for (int length = Math.max(1, shortest.size() / 2); length >= 1; length /= 2) {
            for (int from = 0; from + length <= shortest.size() && runs < MAX_SHRINK_RUNS; runs++) {
                List<Step> fewer = new ArrayList<>(shortest);
                fewer.subList(from, from + length).clear();
                Failure failure = run(fewer);
                if (failure != null) {
                    shortest = new ArrayList<>(fewer.subList(0, failure.step() + 1));
                } else {
                    from += length;
                }
            }
        }
        return shortest;
    }

    record Failure(int step, String text) {}

    private static @Nullable Failure run(List<Step> steps) {
        try (World world = new World()) {
            for (int i = 0; i < steps.size(); i++) {
                try {
                    world.make(steps.get(i));
                    world.check();
                } catch (RuntimeException | AssertionError e) {
                    return new Failure(i, e.toString());
                }
            }
        }
        return null;
    }

    /** A pool and its model. */
    private static final class World implements AutoCloseable {
        private final PoolFixture fixture = new PoolFixture();
        private final PoolModel model = new PoolModel(fixture.time);
        private final Map<Class<?>, Integer> events = new HashMap<>();
        private final LoadBalancer pool;
        private boolean throwNext;
        private final HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(
                model.sick.contains(backend.id()) ? HealthResult.unhealthy("sick") : HealthResult.healthy("well"));
        private LoadBalancingStrategy strategy = Strategies.roundRobin();

        World() {
            pool = builder()
                    .listener(event -> {
                        if (throwNext) {
                            throwNext = false;
                            throw new AssertionError("on purpose");
                        }
                    })
                    .listener(model::heard)
                    .build();
            for (int i = 0; i < 2; i++) {
                model.members.put(id(i), new PoolModel.Member(id(i)));
                count(BackendAdded.class);
            }
            fixture.time.advance(SETTLE);
        }

        private static String id(int which) {
            return "b" + which;
        }

        private static Backend backend(String id, int weight) {
            return Backend.builder("http://" + id + ":1")
                    .id(id)
                    .weight(weight)
                    .maxInFlight(PoolModel.MAX_IN_FLIGHT)
                    .priority(PoolModel.priority(id))
                    .build();
        }

        private LoadBalancerBuilder builder() {
            return fixture.builder()
                    .backend(backend(id(0), 1))
                    .backend(backend(id(1), 1))
                    .strategy(strategy)
                    .priorities(PriorityPolicy.strict())
                    .panic(PanicPolicy.off())
                    .circuitBreaker(PoolModel.BREAKER)
                    .outlierDetection(PoolModel.DETECTOR)
                    .ejection(PoolModel.EJECTION)
                    .limits(limits())
                    .drains(DrainPolicy.of(Duration.ofDays(30_000)))
                    .healthCheck(HealthCheckPolicy.builder(check)
                            .interval(Duration.ofSeconds(1))
                            .fall(1)
                            .rise(1)
                            .build());
        }

        private LimitPolicy limits() {
            int limit = model.adaptiveLimit;
            return limit == 0
                    ? LimitPolicy.none()
                    : LimitPolicy.none()
                            .withAdaptivePerBackend(AdaptiveLimit.standard().withRange(limit, limit, limit));
        }

        private void count(Class<?> event) {
            events.merge(event, 1, Integer::sum);
        }

        void make(Step step) {
            String id = id(step.which());
            PoolModel.Member member = model.members.get(id);
            switch (step.kind()) {
                case CALL, CALL_AGAIN -> call();
                case RESPOND, END, END_ANOTHER -> goOn(step);
                case ADD -> add(id, member, 1 + step.how() % 5);
                case SICKEN -> model.sick.add(id);
                case HEAL -> model.sick.remove(id);
                case REFRESH -> pool.registry().replaceAll(current());
                case RELOAD_SAME -> builder().applyTo(pool);
                case RELOAD_CHANGED -> {
                    strategy = Strategies.byName(List.of("roundRobin", "adaptive", "leastConnections", "random")
                            .get(step.how() % 4));
                    builder().applyTo(pool);
                }
                case RELOAD_LIMIT -> {
                    model.adaptiveLimit = step.how() % 4;
                    builder().applyTo(pool);
                }
                case CLOCK -> fixture.time.advance(Duration.ofSeconds(step.how()));
                case LISTENER_THROWS -> throwNext = true;
                default -> {
                    if (member != null && !member.leaving) {
                        administer(step, id, member);
                    }
                }
            }
            fixture.time.advance(SETTLE);
            model.members.values().removeIf(this::hasLeft);
        }

        private boolean hasLeft(PoolModel.Member member) {
            boolean left = member.leaving && member.open.isEmpty();
            if (left) {
                count(BackendRemoved.class);
                assertThat(member.drain).isDone();
            }
            return left;
        }

        private List<Backend> current() {
            return model.members.values().stream()
                    .filter(member -> !member.leaving)
                    .map(member -> backend(member.id, member.weight))
                    .toList();
        }

        private void call() {
            Set<PoolModel.Member> takers = model.takers();
            Map<Ineligibility, Integer> reasons = model.refusals();
            PickResult result = pool.acquire(RequestContext.NONE);
            if (result instanceof Lease lease) {
                PoolModel.Member taker = model.members.get(lease.backend().id());
                assertThat(takers).as("the backends that may take the call").contains(taker);
                taker.begin(lease, fixture.time.nanoTime());
            } else {
                assertThat(takers)
                        .as("a backend can take the call, but %s", result)
                        .isEmpty();
                assertThat(((Unavailable) result).reasons()).isEqualTo(reasons);
            }
        }

        private void goOn(Step step) {
            List<PoolModel.Member> busy = model.members.values().stream()
                    .filter(member -> !member.open.isEmpty())
                    .toList();
            if (busy.isEmpty()) {
                return;
            }
            PoolModel.Member member = busy.get(step.how() % busy.size());
            PoolModel.Call call = member.open.get(step.how() % member.open.size());
            if (step.kind() == Kind.RESPOND) {
                model.responded(member, call);
                call.lease.responded(Outcome.SUCCESS);
            } else {
                Outcome outcome = OUTCOMES[step.how() % OUTCOMES.length];
                model.ended(member, call, outcome);
                assertThat(call.lease.complete(outcome)).isTrue();
                assertThat(call.lease.complete(Outcome.SUCCESS)).isFalse();
            }
        }

        private void add(String id, PoolModel.@Nullable Member member, int weight) {
            if (member != null && !member.leaving) {
                return;
            }
            PoolModel.Member joined = member == null ? new PoolModel.Member(id) : member;
            joined.leaving = false;
            joined.admin = AdminState.ACTIVE;
            joined.weight = weight;
            model.forget(joined);
            model.members.put(id, joined);
            count(BackendAdded.class);
            pool.registry().add(backend(id, weight));
        }

        private void administer(Step step, String id, PoolModel.Member member) {
            switch (step.kind()) {
                case DRAIN -> {
                    become(member, AdminState.DRAINING);
                    member.drain = pool.registry().drain(id).toCompletableFuture();
                }
                case MAINTENANCE -> {
                    become(member, AdminState.MAINTENANCE);
                    pool.registry().maintenance(id);
                }
                case ACTIVATE -> {
                    become(member, AdminState.ACTIVE);
                    pool.registry().activate(id);
                }
                case REMOVE -> {
                    member.leaving = true;
                    member.drain = pool.registry().remove(id).toCompletableFuture();
                }
                case WEIGHT -> {
                    int weight = 1 + step.how() % 5;
                    if (weight != member.weight) {
                        count(BackendUpdated.class);
                    }
                    member.weight = weight;
                    pool.registry().setWeight(id, weight);
                }
                default -> throw new IllegalStateException(step.toString());
            }
        }

        private void become(PoolModel.Member member, AdminState state) {
            if (member.admin == AdminState.MAINTENANCE && state != AdminState.MAINTENANCE) {
                model.forget(member);
            }
            if (member.admin != state) {
                count(AdminStateChanged.class);
                member.admin = state;
            }
        }

        void check() {
            model.checkEvents();
            Map<String, BackendStatus> shown = new TreeMap<>();
            pool.snapshot()
                    .backends()
                    .forEach(status -> shown.put(status.backend().id(), status));
            assertThat(shown.keySet()).isEqualTo(model.members.keySet());
            model.members.forEach((id, member) -> check(member, shown.get(id)));
            for (Class<?> kind :
                    List.of(BackendAdded.class, BackendRemoved.class, BackendUpdated.class, AdminStateChanged.class)) {
                assertThat(fixture.events.stream().filter(kind::isInstance).count())
                        .as(kind.getSimpleName())
                        .isEqualTo(events.getOrDefault(kind, 0).longValue());
            }
            for (TierStatus tier : pool.snapshot().tiers()) {
                assertThat(tier.loadPercent())
                        .as("load of tier %s", tier.priority())
                        .isEqualTo(model.tierInUse() == tier.priority() ? 100 : 0);
            }
        }

        private void check(PoolModel.Member member, BackendStatus status) {
            String id = member.id;
            Ineligibility reason = model.shownReason(member);
            assertThat(status.ineligibilities()).as(id).isEqualTo(reason == null ? Set.of() : Set.of(reason));
            assertThat(status.breaker()).as("breaker of %s", id).isEqualTo(member.breaker);
            assertThat(status.ejectedFor() != null).as("%s is ejected", id).isEqualTo(member.ejected);
            assertThat(status.inFlight()).as("in flight at %s", id).isEqualTo(member.open.size());
            assertThat(status.backend().weight()).as("weight of %s", id).isEqualTo(member.weight);
            CompletableFuture<DrainReport> drain = member.drain;
            if (drain != null) {
                assertThat(drain.isDone())
                        .as("the drain of %s has ended", id)
                        .isEqualTo(!member.drains() || member.open.isEmpty());
            }
        }

        @Override
        public void close() {
            pool.close();
        }
    }
}
