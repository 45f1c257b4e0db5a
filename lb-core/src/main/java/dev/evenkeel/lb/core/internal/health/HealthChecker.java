package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.socket.PromptHealthCheck;
import dev.evenkeel.lb.core.internal.time.Jitter;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Checks the backends of one pool, each at its own interval. The interval begins when a check ends, so checks never
 * pile up, and a slow check does not delay others while fewer than the policy's maximum are under way.
 */
public final class HealthChecker {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");
    /**
     * Up to this many backends are checked at once when they join; the first checks of further ones are spread over an
     * interval.
     */
    private static final int AT_ONCE = 64;

    /** A backend under check, with callbacks for the results. */
    public interface Subject {
        /**
         * The backend.
         *
         * @return always the same
         */
        Backend backend();

        /**
         * Whether successful calls prove it healthy.
         *
         * @param period how far to look back
         * @return whether a call has succeeded within the period, and none has failed since
         */
        boolean provenWithin(Duration period);

        /**
         * Called for each check that finds the backend well, whatever the current view of it. By default does nothing.
         */
        default void succeeded() {}

        /** Called when a check begins. By default does nothing. */
        default void begins() {}

        /**
         * Called for each result, before it changes the view. By default does nothing.
         *
         * @param result what the check found
         * @param count how many results in a row agree with it, at most {@code needed}
         * @param needed how many it takes to change the state
         */
        default void checked(HealthResult result, int count, int needed) {}

        /**
         * Called when the checks have come to a view, or to another one.
         *
         * @param state up, degraded or down
         * @param cause the message of the last check
         */
        void health(HealthState state, String cause);

        /**
         * Called when the first checks have failed, but not often enough to call the backend down.
         *
         * @param cause the message of the last check, and how many further ones it takes
         */
        default void undecided(String cause) {}
    }

    private final HealthCheckPolicy policy;
    private final CheckPace pace;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final @Nullable CheckExecutor workers;
    private final Executor executor;
    private final CheckConcurrencyLimiter slots;
    private final Set<Probe> probes = ConcurrentHashMap.newKeySet();
    /** The probes of backends that are not down. */
    private final Set<Probe> serving = ConcurrentHashMap.newKeySet();

    /**
     * Creates a checker without backends, and without a bound of its rate.
     *
     * @param policy how to check
     * @param scheduler the pool's timers
     * @param executor where checks begin; null for daemon threads of the checker's own, on which a check may block
     * @param random spreads the checks
     */
    public HealthChecker(
            HealthCheckPolicy policy, Scheduler scheduler, @Nullable Executor executor, RandomGenerator random) {
        this(policy, CheckPace.UNBOUNDED, scheduler, executor, random);
    }

    /** As the other one, with a bound of the rate of all checks together. */
    HealthChecker(
            HealthCheckPolicy policy,
            CheckPace pace,
            Scheduler scheduler,
            @Nullable Executor executor,
            RandomGenerator random) {
        this.policy = policy;
        this.pace = pace;
        this.scheduler = scheduler;
        this.random = random;
        if (executor == null) {
            CheckExecutor own = new CheckExecutor();
            this.workers = own;
            this.executor = own;
        } else {
            this.workers = null;
            this.executor = executor;
        }
        this.slots = new CheckConcurrencyLimiter(policy.maxConcurrent());
        policy.check().retain();
    }

    /**
     * Begins to check a backend.
     *
     * @param subject the backend
     * @return ends the checks, including the one under way
     */
    public Cancellable start(Subject subject) {
        Probe probe = new Probe(subject);
        probes.add(probe);
        serving.add(probe);
        probe.next(firstWithinNanos() * random.nextDouble());
        return probe;
    }

    /** At a bounded pace the first checks come in a random order too, so that the clients of a fleet do not agree on it. */
    private double firstWithinNanos() {
        int backends = probes.size();
        if (pace.isBounded()) {
            return pace.roundNanos(backends);
        }
        return backends <= AT_ONCE ? 0 : (double) policy.interval().toNanos();
    }

    private double nanosOf(Duration interval) {
        return Math.max((double) interval.toNanos(), pace.roundNanos(probes.size()));
    }

    /** Ends all checks. */
    public void close() {
        probes.forEach(Probe::cancel);
        if (workers != null) {
            workers.close();
        }
        try {
            policy.check().release();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "a health check failed on its release", e);
            Containment.rethrowFatal(e);
        }
    }

    /** The checks of one backend, one at a time. */
    private final class Probe implements Cancellable {
        private final Subject subject;
        private volatile boolean cancelled;
        private volatile @Nullable Cancellable timer;
        private volatile @Nullable CheckAttempt attempt;

        /** Results are handled one at a time and in order. */
        private final HealthDecision decision = new HealthDecision(policy);

        Probe(Subject subject) {
            this.subject = subject;
        }

        void next(double delayNanos) {
            schedule(this::due, delayNanos);
        }

        private void schedule(Runnable step, double delayNanos) {
            if (!cancelled) {
                timer = scheduler.schedule(step, Duration.ofNanos((long) delayNanos));
                if (cancelled) {
                    cancel();
                }
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            probes.remove(this);
            serving.remove(this);
            Cancellable pending = timer;
            if (pending != null) {
                pending.cancel();
            }
            CheckAttempt running = attempt;
            if (running != null) {
                running.abandon();
            }
        }

        private void due() {
            CheckAttempt last = attempt;
            if (last != null && last.isAtWork()) {
                ended(HealthResult.unhealthy("the check before is still at work"));
            } else if (policy.skipsProven() && isUpBeyondDoubt() && subject.provenWithin(policy.interval())) {
                nextAfterInterval();
            } else {
                atPace();
            }
        }

        private void atPace() {
            long waitNanos = pace.waitNanos();
            if (waitNanos > 0) {
                schedule(this::enter, (double) waitNanos);
            } else {
                enter();
            }
        }

        private void enter() {
            slots.enter(this::begin);
        }

        private boolean isUpBeyondDoubt() {
            return decision.state() == HealthState.UP && !decision.isInDoubt();
        }

        private void begin() {
            if (cancelled) {
                slots.leave();
                return;
            }
            CheckAttempt next = new CheckAttempt(policy, subject.backend(), this::ended, slots::leave);
            attempt = next;
            subject.begins();
            next.begin(scheduler, beginsHere() ? Runnable::run : executor);
            if (cancelled) {
                next.abandon();
            }
        }

        /** Whether the check needs no thread of ours. */
        private boolean beginsHere() {
            return workers != null
                    && policy.check() instanceof PromptHealthCheck prompt
                    && prompt.isPrompt(subject.backend());
        }

        private void ended(HealthResult result) {
            if (cancelled) {
                return;
            }
            try {
                if (result.state() == HealthState.UP) {
                    subject.succeeded();
                }
                judge(result);
            } finally {
                nextAfterInterval();
            }
        }

        private void nextAfterInterval() {
            next(Jitter.around(nanosOf(interval()), policy.jitterPercent() / 100, random));
        }

        private Duration interval() {
            if (decision.isInDoubt() || serving.isEmpty()) {
                return policy.fastInterval();
            }
            return decision.state() == HealthState.DOWN ? policy.downInterval() : policy.interval();
        }

        private void judge(HealthResult result) {
            HealthState seen = result.state();
            boolean changed = decision.record(seen);
            subject.checked(result, decision.count(seen), decision.neededFor(seen));
            if (changed) {
                becomes(seen);
                subject.health(seen, result.cause());
            } else if (decision.state() == HealthState.UNKNOWN) {
                subject.undecided(decision.progress() + ": " + result.cause());
            }
        }

        private void becomes(HealthState seen) {
            if (seen == HealthState.DOWN) {
                serving.remove(this);
            } else {
                serving.add(this);
                if (cancelled) {
                    serving.remove(this);
                }
            }
        }
    }
}
