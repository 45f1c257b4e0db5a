package dev.evenkeel.lb.testkit;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A pool on a virtual clock under the load and with the feature of a combination, and the picks that it has made. */
final class TestPool implements AutoCloseable {
    private static final long MILLIS = 1_000_000L;
    static final long SECOND = 1_000 * MILLIS;
    private static final double IN_FLIGHT = 1.5;
    private static final double FAILING_CALLS = 0.02;
    private static final int MIN_TICKS = 3;
    private static final int MAX_TICKS = 4;
    private static final int MAX_TICKS_OF_QUIET = 100;
    /** From this size on, latencies and times are such that a run has some ten thousand calls. */
    static final int LARGE = 1_000;

    private static final int PAUSE_LATENCIES = 10;
    private static final int MAX_TRIES = 1_000;
    /** The most attempts in vain in the time of one call. */
    private static final int REFUSALS = 50;

    final Combination combination;
    final VirtualClock clock = new VirtualClock();
    private final LoadBalancingStrategy strategy;
    private final Random random;
    private final List<Backend> backends = new ArrayList<>();
    private final LoadBalancer balancer;
    private final int[] inFlight;
    private int inFlightOfAll;
    private boolean closed;
    private boolean flapped;
    /** Ends of calls that the paused client has not seen yet; null while it does not pause. */
    private @Nullable List<Runnable> unseen;

    /** First picks of each backend since {@link #forget}. */
    final int[] picks;

    int calls;
    int refusals;
    int wrongPicks;
    /** A backend whose calls take so many times as long. */
    int slow = -1;

    double slowness = 1;
    /** The next call to this backend fails. */
    int failNext = -1;
    /** A backend whose calls do not fail, but for {@link #failNext}. */
    int good = -1;

    TestPool(LoadBalancingStrategy strategy, Combination combination, long seed) {
        this.strategy = strategy;
        this.combination = combination;
        this.random = new Random(seed * 0x9E3779B97F4A7C15L);
        int size = combination.size();
        for (int i = 0; i < size; i++) {
            backends.add(backend(i));
        }
        inFlight = new int[size + 1];
        picks = new int[size + 1];
        balancer = builder().backends(backends).build();
    }

    private static String id(int index) {
        return "b" + index;
    }

    private static int index(Backend backend) {
        return Integer.parseInt(backend.id().substring(1));
    }

    private Backend backend(int index) {
        Backend.Builder backend = Backend.builder(
                        "http://10." + (index >> 16) + "." + (index >> 8 & 255) + "." + (index & 255) + ":8080")
                .id(id(index))
                .weight(combination.weights().of(index));
        if (combination.load() == Load.SATURATED) {
            backend.maxInFlight(Load.MAX_IN_FLIGHT);
        }
        return combination.feature().describe(backend, index, combination).build();
    }

    private LoadBalancerBuilder builder() {
        LoadBalancerBuilder builder = LoadBalancers.builder("matrix")
                .strategy(strategy)
                .timeSource(clock)
                .scheduler(clock)
                .random(random);
        combination.feature().configure(builder, this);
        return builder;
    }

    LoadBalancer balancer() {
        return balancer;
    }

    List<Backend> backends() {
        return backends;
    }

    Random random() {
        return random;
    }

    void reload() {
        builder().backends(backends).applyTo(balancer);
    }

    void flap() {
        String id = id(combination.size() - 1);
        if (flapped) {
            balancer.registry().activate(id);
        } else {
            balancer.registry().maintenance(id);
        }
        flapped = !flapped;
    }

    /** A backend joins, as the last index. */
    void join() {
        balancer.registry().add(backend(combination.size()));
    }

    /** The mean latency. */
    long latencyNanos() {
        int size = combination.size();
        if (combination.load() == Load.IDLE) {
            return size >= LARGE ? MILLIS : 10 * MILLIS;
        }
        return size > 10 && !combination.load().isQuiet() ? 100 * MILLIS : 10 * MILLIS;
    }

    Duration rampWindow() {
        boolean shorter = combination.size() >= LARGE && !combination.load().isSequential();
        return Duration.ofSeconds(shorter ? 1 : 30);
    }

    /**
     * Lets the feature go on for so many calls. Where it would tick thousands of times, or never, it ticks
     * a few times.
     */
    private void start(long durationNanos) {
        long interval = combination.feature().tickInterval().toNanos();
        if (combination.size() >= LARGE) {
            interval = Math.max(Math.min(interval, durationNanos / MIN_TICKS), durationNanos / MAX_TICKS);
        } else if (combination.load().isQuiet()) {
            interval = Math.max(interval, durationNanos / MAX_TICKS_OF_QUIET);
        }
        tick(Math.max(MILLIS, interval), clock.nanoTime() + durationNanos);
    }

    private void tick(long intervalNanos, long untilNanos) {
        clock.after(intervalNanos, () -> {
            if (!closed && clock.nanoTime() <= untilNanos) {
                combination.feature().tick(this);
                tick(intervalNanos, untilNanos);
            }
        });
    }

    /** Time that so many calls take. */
    long duration(int number) {
        return (long) (number * meanGapNanos());
    }

    private double meanGapNanos() {
        return switch (combination.load()) {
            case IDLE -> latencyNanos() * 2.0;
            case ONE_IN_TEN_SECONDS -> 10.0 * SECOND;
            case ONE_A_SECOND -> SECOND;
            case BUSY -> latencyNanos() / (IN_FLIGHT * combination.size());
            case SATURATED -> latencyNanos() / ((double) Load.MAX_IN_FLIGHT * combination.size());
        };
    }

    int callsIn(long nanos) {
        return (int) (nanos / meanGapNanos());
    }

    void forget() {
        Arrays.fill(picks, 0);
        calls = 0;
    }

    /**
     * The client stands still. When it goes on, it sees all calls that have ended meanwhile, and begins those that were due.
     *
     * @return how many of these each backend got
     */
    int[] pause() {
        List<Runnable> ends = new ArrayList<>();
        unseen = ends;
        long lengthNanos = PAUSE_LATENCIES * latencyNanos();
        clock.advance(lengthNanos);
        unseen = null;
        ends.forEach(Runnable::run);
        int[] burst = new int[picks.length];
        int[] before = picks.clone();
        for (int due = callsIn(lengthNanos); due > 0; due--) {
            begin(null, true);
        }
        for (int i = 0; i < burst.length; i++) {
            burst[i] = picks[i] - before[i];
        }
        return burst;
    }

    private void seen(Runnable end) {
        List<Runnable> later = unseen;
        if (later == null) {
            end.run();
        } else {
            later.add(end);
        }
    }

    /** Makes calls, and lets the feature tick meanwhile. */
    void run(int number) {
        start(duration(number));
        for (int i = 0; i < number; i++) {
            next();
        }
    }

    /** The same until a time. */
    void runUntil(long nanos, Runnable beforeEach) {
        start(nanos - clock.nanoTime());
        while (clock.nanoTime() < nanos) {
            beforeEach.run();
            next();
        }
    }

    private void next() {
        if (combination.load().isSequential()) {
            callAlone();
        } else if (combination.load() == Load.BUSY) {
            clock.advance((long) (-Math.log(1 - random.nextDouble()) * meanGapNanos()));
            begin(null, true);
        } else {
            for (int tries = 0; tries < MAX_TRIES && !begin(null, true); tries++) {
                // A refusal looks at all backends, so in a large pool some calls end before the next attempt.
                clock.advance(Math.max((long) meanGapNanos() + 1, latencyNanos() / REFUSALS));
            }
        }
    }

    private void callAlone() {
        double gap = meanGapNanos();
        if (combination.load().isQuiet()) {
            gap *= 0.5 + random.nextDouble();
        }
        long until = clock.nanoTime() + (long) gap;
        begin(null, true);
        clock.advance(Math.max(latencyNanos() * 2, until - clock.nanoTime()));
        while (inFlightOfAll > 0) {
            clock.advance(latencyNanos());
        }
    }

    /** Begins a call, which ends by itself; false if it is refused. */
    private boolean begin(@Nullable Backend tried, boolean first) {
        RequestContext context = combination.feature().request(context(), this);
        if (tried != null) {
            List<Backend> all = new ArrayList<>(context.tried());
            all.add(tried);
            context = context.withTried(all);
        }
        PickResult result = balancer.acquire(context);
        if (result instanceof Unavailable) {
            boolean justified = combination.load() == Load.SATURATED && !hasRoom(tried);
            boolean onlyOne = tried != null && servers() < 2;
            refusals += justified || onlyOne ? 0 : 1;
            return false;
        }
        Lease lease = (Lease) result;
        int index = index(lease.backend());
        if (first) {
            picks[index]++;
            calls++;
        }
        boolean saturated = combination.load() == Load.SATURATED;
        // A full tier passes its calls on to the next one.
        boolean eligible = index == combination.size()
                || combination.feature().serves(index, combination)
                || (saturated && combination.feature() == Feature.TIERS);
        boolean full = saturated && inFlight[index] >= Load.MAX_IN_FLIGHT;
        if (!eligible || full || (tried != null && lease.backend().equals(tried))) {
            wrongPicks++;
        }
        inFlight[index]++;
        inFlightOfAll++;
        clock.after(latency(index), () -> seen(() -> end(lease, index, first)));
        return true;
    }

    private void end(Lease lease, int index, boolean first) {
        inFlight[index]--;
        inFlightOfAll--;
        boolean retries = combination.feature() == Feature.RETRIES && first;
        if (failNext == index) {
            failNext = -1;
            lease.complete(Outcome.SERVER_ERROR);
        } else if (retries && index != good && random.nextDouble() < FAILING_CALLS) {
            lease.complete(Outcome.SERVER_ERROR);
            begin(lease.backend(), false);
        } else {
            lease.responded();
            lease.complete(Outcome.SUCCESS);
        }
    }

    private long latency(int index) {
        return (long) (latencyNanos() * combination.feature().latencyFactor(random) * (index == slow ? slowness : 1));
    }

    private int servers() {
        int servers = 0;
        for (int i = 0; i < combination.size(); i++) {
            servers += combination.feature().serves(i, combination) ? 1 : 0;
        }
        return servers;
    }

    /** Whether a backend that may surely take a call has less than its limit in flight. */
    private boolean hasRoom(@Nullable Backend tried) {
        int sure = combination.feature() == Feature.FLAPPING ? combination.size() - 1 : combination.size();
        for (int i = 0; i < sure; i++) {
            if (combination.feature().serves(i, combination)
                    && inFlight[i] < Load.MAX_IN_FLIGHT
                    && !backends.get(i).equals(tried)
                    && isGood(id(i))) {
                return true;
            }
        }
        return false;
    }

    /** A backend that has failed may be ejected for a while. */
    private boolean isGood(String id) {
        BackendStatus status = balancer.snapshot().backend(id);
        return status.ejectedFor() == null && status.breaker() == BreakerState.CLOSED;
    }

    private RequestContext context() {
        return RandomUser.of(random);
    }

    /** The index of the backend that a single call gets; -1 if it is refused. */
    int callOnce(RequestContext given) {
        PickResult result = balancer.acquire(combination.feature().request(given, this));
        if (result instanceof Lease lease) {
            lease.complete(Outcome.SUCCESS);
            return index(lease.backend());
        }
        return -1;
    }

    int callOnce() {
        return callOnce(context());
    }

    @Override
    public void close() {
        closed = true;
        balancer.close();
    }
}
