package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.stats.RelativeGuard;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.TimeSource;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Ejects a backend only if it fails more than its peers: if they fail too, the fault is elsewhere, and removing
 * capacity would make it worse.
 *
 * <p>A backend is suspicious after 3 failures in a row (one that was never sent counts 2), or with failures of at least
 * half of at least 8 calls, or if it is flaky: at least 10 % of at least 20 calls, and above its peers by 3 standard
 * deviations and 5 points. The {@linkplain RelativeGuard guard}: its peers together fail less than 30 % and less than
 * half as often. Counts are halved every 10 s.
 */
final class RelativeOutlierDetector implements OutlierDetector {

    static final RelativeOutlierDetector INSTANCE = new RelativeOutlierDetector();

    private static final double HALF_LIFE_NANOS = 10e9;
    private static final int CONSECUTIVE = 3;

    private RelativeOutlierDetector() {}

    @Override
    public Detection newDetection(TimeSource timeSource) {
        FailureCounts pool = new FailureCounts();
        return (candidate, outcome, latencyNanos, nowNanos, peers) ->
                observe(pool, candidate, outcome, nowNanos, peers);
    }

    private static @Nullable String observe(
            FailureCounts pool, Candidate candidate, Outcome outcome, long nowNanos, List<? extends Candidate> peers) {
        FailureCounts own = candidate.state(FailureCounts.class, FailureCounts::new);
        if (!outcome.isFailure()) {
            if (own.streak() != 0) {
                own.streak(0);
            }
            int weight = own.weightOfSuccess(nowNanos);
            if (weight > 0) {
                own.add(weight, 0, nowNanos);
                pool.add(weight, 0, nowNanos);
            }
            return null;
        }
        own.streak(own.streak() + (outcome == Outcome.NEVER_SENT ? 2 : 1));
        own.add(1, 1, nowNanos);
        pool.add(1, 1, nowNanos);
        if (peers.size() < 2) {
            return null;
        }
        double calls = own.calls();
        double share = own.failures() / calls;
        double otherCalls = Math.max(0, pool.calls() - calls);
        double othersShare =
                otherCalls < 1 ? 0 : Math.min(1, Math.max(0, pool.failures() - own.failures()) / otherCalls);
        String suspicion = suspicion(own.streak(), calls, share, othersShare);
        if (suspicion == null || !RelativeGuard.passes(share, othersShare)) {
            return null;
        }
        own.streak(0);
        return String.format(Locale.ROOT, "%s; the other backends fail %.0f %%", suspicion, othersShare * 100);
    }

    private static @Nullable String suspicion(int streak, double calls, double share, double othersShare) {
        if (streak >= CONSECUTIVE) {
            return "consecutive failures";
        }
        if (calls >= 8 && share >= 0.5) {
            return String.format(Locale.ROOT, "%.0f %% failures", share * 100);
        }
        if (calls >= 20 && share >= 0.1) {
            double deviation = Math.sqrt(Math.max(othersShare * (1 - othersShare), 1e-6) / calls);
            if (share >= othersShare + 3 * deviation + 0.05) {
                return String.format(Locale.ROOT, "flaky, %.0f %% failures", share * 100);
            }
        }
        return null;
    }

    /**
     * Counts that fade. Failures are exact; of a backend's many successes one in 16 counts as 16, which is mostly less than 3 %
     * off. Otherwise all calls of a pool would write its counts, and their processors would wait for each other. A race may
     * lose a sample, which is harmless; nothing here can become NaN or negative. Opaque, not volatile: a volatile write waits
     * until all earlier writes are visible.
     */
    @SuppressWarnings("UnusedVariable") // the fields are used through their handles
    private static final class FailureCounts {
        private static final VarHandle STREAK = VarHandles.field(MethodHandles.lookup(), "streak", int.class);
        private static final VarHandle CALLS = VarHandles.field(MethodHandles.lookup(), "calls", float.class);
        private static final VarHandle FAILURES = VarHandles.field(MethodHandles.lookup(), "failures", float.class);
        private static final VarHandle SINCE = VarHandles.field(MethodHandles.lookup(), "sinceNanos", long.class);

        /** Up to so many calls, each counts as one. */
        private static final int MAX_EXACT = 1 << 14;

        private static final int SAMPLED_AS = 16;
        private static final int SAMPLING_SHIFT = Long.SIZE - 4;

        private int streak;
        private float calls;
        private float failures;
        private long sinceNanos;

        int streak() {
            return (int) STREAK.getOpaque(this);
        }

        void streak(int length) {
            STREAK.setOpaque(this, length);
        }

        double calls() {
            return (float) CALLS.getOpaque(this);
        }

        double failures() {
            return (float) FAILURES.getOpaque(this);
        }

        /**
         * For how many calls a success counts: here and in the pool's counts alike, so that the difference is what the other
         * backends have.
         */
        int weightOfSuccess(long nowNanos) {
            double before = calls();
            if (before < MAX_EXACT) {
                return 1;
            }
            return mixed(nowNanos ^ Double.doubleToRawLongBits(before)) >>> SAMPLING_SHIFT == 0 ? SAMPLED_AS : 0;
        }

        /** The finalizer of MurmurHash3: of numbers in a row it makes ones without an order. */
        private static long mixed(long number) {
            long once = (number ^ (number >>> 33)) * 0xFF51AFD7ED558CCDL;
            long twice = (once ^ (once >>> 33)) * 0xC4CEB9FE1A85EC53L;
            return twice ^ (twice >>> 33);
        }

        void add(int moreCalls, int moreFailures, long nowNanos) {
            if (calls() == 0) {
                SINCE.setOpaque(this, nowNanos);
            }
            long elapsed = nowNanos - (long) SINCE.getOpaque(this);
            if (elapsed > HALF_LIFE_NANOS) {
                double keep = Math.pow(0.5, elapsed / HALF_LIFE_NANOS);
                CALLS.setOpaque(this, (float) (calls() * keep));
                FAILURES.setOpaque(this, (float) (failures() * keep));
                SINCE.setOpaque(this, nowNanos);
            }
            CALLS.setOpaque(this, (float) (calls() + moreCalls));
            if (moreFailures > 0) {
                FAILURES.setOpaque(this, (float) (failures() + moreFailures));
            }
        }
    }
}
