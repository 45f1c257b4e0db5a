package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthSamples;
import org.jspecify.annotations.Nullable;

/**
 * Decides the state of one backend from the results of its checks, by the policy's {@code rise} and {@code fall} or by its
 * {@code samples}. Records one result at a time, in order.
 */
final class HealthDecision {
    private final HealthState initialState;
    private final int rise;
    private final int fall;
    private final @Nullable HealthSamples samples;

    private HealthState state = HealthState.UNKNOWN;
    /** How many results in a row, up to the last one, contradict the state. */
    private int streak;
    /** With samples: whether each of the last results was a failure, the latest in the lowest bit. */
    private long failed;
    /** With samples: how many results are known, up to the size. */
    private int known;

    HealthDecision(HealthCheckPolicy policy) {
        initialState = policy.initialState();
        rise = policy.rise();
        fall = policy.fall();
        samples = policy.samples();
    }

    HealthState state() {
        return state;
    }

    /** Whether the last result contradicts the state. */
    boolean isInDoubt() {
        return streak > 0;
    }

    /** Records a result. Returns whether the state has changed. */
    boolean record(HealthState seen) {
        HealthState next = samples == null ? byStreak(seen) : bySamples(seen, samples);
        streak = next == seen ? 0 : streak + 1;
        boolean changed = next != state;
        state = next;
        return changed;
    }

    private HealthState byStreak(HealthState seen) {
        return seen == state || streak + 1 >= needed(seen) ? seen : state;
    }

    /**
     * How many equal results a change takes. A change to or from down takes several; up and degraded alternate at once.
     * The first failure is decisive only for a backend that starts as down; otherwise the check itself may not be warmed
     * up yet.
     */
    private int needed(HealthState seen) {
        if (seen == HealthState.DOWN) {
            return startsAsDown() ? 1 : fall;
        }
        return state == HealthState.DOWN ? rise : 1;
    }

    private boolean startsAsDown() {
        return state == HealthState.UNKNOWN && initialState == HealthState.DOWN;
    }

    private HealthState bySamples(HealthState seen, HealthSamples rule) {
        failed = failed << 1 | (seen == HealthState.DOWN ? 1 : 0);
        known = Math.min(known + 1, rule.size());
        if (seen == HealthState.DOWN) {
            return startsAsDown() || failures(rule) > rule.size() - rule.required() ? seen : state;
        }
        return state == HealthState.DOWN && known - failures(rule) < rule.required() ? state : seen;
    }

    private int failures(HealthSamples rule) {
        return Long.bitCount(failed << (Long.SIZE - rule.size()));
    }

    /** How many results in a row agree with this last one, or with samples how many of them. */
    int count(HealthState seen) {
        if (samples != null && seen == HealthState.DOWN) {
            return Math.min(failures(samples), needed(samples));
        }
        return state == seen ? neededFor(seen) : streak;
    }

    /** How many results it takes to change the state to that of this last one. */
    int neededFor(HealthState seen) {
        if (samples != null) {
            return seen == HealthState.DOWN ? needed(samples) : samples.required();
        }
        return seen == HealthState.DOWN ? fall : state == HealthState.DOWN ? rise : 1;
    }

    private static int needed(HealthSamples rule) {
        return rule.size() - rule.required() + 1;
    }

    /** How far a backend whose checks have only failed is from being down, such as {@code 1 of 3 failures}. */
    String progress() {
        return samples == null
                ? streak + " of " + fall + " failures"
                : failures(samples) + " of " + needed(samples) + " failures";
    }
}
