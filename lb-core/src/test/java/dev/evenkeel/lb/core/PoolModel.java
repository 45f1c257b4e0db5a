package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.LoadBalancerEvent.BackendReturned;
import dev.evenkeel.lb.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.OutlierDetector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rules of docs/health.md and docs/limits.md for a pool of two strict tiers without panic. A breaker opens after three failures in
 * a row; each call that times out is a reason for an ejection. What the pool does by timer (a breaker half-open after its
 * wait, or open again after a trial without an answer; the end of an ejection) the model learns by the event, whose time it
 * checks.
 */
final class PoolModel {
    static final int MAX_IN_FLIGHT = 3;
    private static final int FAILURES = 3;
    private static final int TRIAL_CALLS = 2;
    private static final Duration OPEN = Duration.ofSeconds(10);
    private static final Duration MAX_OPEN = Duration.ofSeconds(40);
    private static final Duration TRIAL_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration EJECTED = Duration.ofSeconds(5);
    private static final Duration MAX_EJECTED = Duration.ofSeconds(40);
    private static final Duration WINDOW = Duration.ofMinutes(1);
    /** After this time a trial call that hangs makes room for another one. */
    private static final Duration MAX_TRIAL_CALL = Duration.ofSeconds(10);

    static final BreakerPolicy BREAKER = BreakerPolicy.builder()
            .windowSize(FAILURES)
            .minCalls(FAILURES)
            .failureRatePercent(100)
            .windowDuration(WINDOW)
            .openDuration(OPEN)
            .maxOpenDuration(MAX_OPEN)
            .halfOpenCalls(TRIAL_CALLS)
            .halfOpenTimeout(TRIAL_TIMEOUT)
            .maxOpenPercent(100)
            .build();
    static final EjectionPolicy EJECTION = EjectionPolicy.builder()
            .baseDuration(EJECTED)
            .maxDuration(MAX_EJECTED)
            .jitterPercent(0)
            .recoveryInterval(Duration.ofDays(1))
            .maxEjectionPercent(100)
            .build();
    static final OutlierDetector DETECTOR = timeSource ->
            (candidate, outcome, latencyNanos, nowNanos, peers) -> outcome == Outcome.TIMED_OUT ? "it timed out" : null;

    final Map<String, Member> members = new TreeMap<>();
    final Set<String> sick = new HashSet<>();
    /** 0 for none. */
    int adaptiveLimit;

    private final VirtualTime time;
    private final List<String> expected = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    PoolModel(VirtualTime time) {
        this.time = time;
    }

    static int priority(String id) {
        return id.compareTo("b3") < 0 ? 0 : 1;
    }

    /** A call in flight. */
    static final class Call {
        final Lease lease;
        final long startNanos;
        /** The breaker's trial in which it takes part; null if it began outside of one. */
        final @Nullable Trial trial;

        /** Whether it counts among the calls that the trial permits. */
        final boolean permitted;

        boolean proven;

        Call(Lease lease, long startNanos, @Nullable Trial trial, boolean permitted) {
            this.lease = lease;
            this.startNanos = startNanos;
            this.trial = trial;
            this.permitted = permitted;
        }
    }

    /** A half-open breaker, until it has decided. */
    static final class Trial {
        int permits = TRIAL_CALLS;
        int results;
        int failures;
        boolean undecided = true;
    }

    /** What the model knows of a member. */
    static final class Member {
        final String id;
        AdminState admin = AdminState.ACTIVE;
        boolean leaving;
        int weight = 1;
        final List<Call> open = new ArrayList<>();

        @Nullable
        CompletableFuture<DrainReport> drain;

        BreakerState breaker = BreakerState.CLOSED;
        private int failuresInARow;
        private long lastFailureNanos;
        private int openings;
        private long movedNanos;
        private Duration openFor = OPEN;
        private @Nullable Trial trial;

        /** Whether a check has found it down. */
        private boolean down;

        boolean ejected;
        private int ejections;
        private long ejectedUntilNanos;
        private boolean onTrial;
        private long trialSinceNanos;
        private @Nullable Call trialCall;

        Member(String id) {
            this.id = id;
        }

        boolean drains() {
            return leaving || admin == AdminState.DRAINING;
        }

        /** Counts in a call that the pool has sent here. */
        void begin(Lease lease, long nowNanos) {
            Trial under = breaker == BreakerState.HALF_OPEN ? trial : null;
            boolean permitted = under != null && under.permits > 0;
            if (permitted) {
                under.permits--;
            }
            Call call = new Call(lease, nowNanos, under, permitted);
            if (isTrialFree(nowNanos)) {
                trialCall = call;
            }
            open.add(call);
        }

        private boolean isTrialFree(long nowNanos) {
            return onTrial && (trialCall == null || nowNanos - trialCall.startNanos >= MAX_TRIAL_CALL.toNanos());
        }

        private boolean isPassivelyOut() {
            return ejected || breaker == BreakerState.OPEN;
        }
    }

    // Eligibility.

    private boolean isInService(Member member) {
        return !member.leaving && member.admin == AdminState.ACTIVE && !sick.contains(member.id);
    }

    private boolean isGood(Member member) {
        return isInService(member) && !member.isPassivelyOut();
    }

    private boolean ignoresPassiveHealth() {
        return members.values().stream().noneMatch(this::isGood);
    }

    private boolean isUsed(Member member) {
        return ignoresPassiveHealth() ? isInService(member) : isGood(member);
    }

    /** The first tier that can serve; -1 if none can. */
    int tierInUse() {
        return members.values().stream()
                .filter(this::isUsed)
                .mapToInt(member -> priority(member.id))
                .min()
                .orElse(-1);
    }

    private int limit() {
        return adaptiveLimit == 0 ? MAX_IN_FLIGHT : Math.min(adaptiveLimit, MAX_IN_FLIGHT);
    }

    /** Why a backend takes no calls, whatever calls are in flight; null if it takes calls. */
    private @Nullable Ineligibility closedBecause(Member member) {
        if (member.drains()) {
            return Ineligibility.DRAINING;
        }
        if (member.admin == AdminState.MAINTENANCE) {
            return Ineligibility.MAINTENANCE;
        }
        if (sick.contains(member.id)) {
            return Ineligibility.DOWN;
        }
        if (isUsed(member)) {
            return null;
        }
        return member.breaker == BreakerState.OPEN ? Ineligibility.BREAKER_OPEN : Ineligibility.EJECTED;
    }

    private boolean hasRoom(Member member) {
        return closedBecause(member) == null && member.open.size() < limit();
    }

    private boolean isAvailable(Member member) {
        return hasRoom(member) && (!member.onTrial || member.isTrialFree(time.nanoTime()));
    }

    private boolean takesMore(Member member) {
        Trial trial = member.breaker == BreakerState.HALF_OPEN ? member.trial : null;
        return isAvailable(member) && (trial == null || trial.permits > 0);
    }

    /** The backends that may get the next call; empty if it is refused. */
    Set<Member> takers() {
        Set<Member> takers = takers(this::takesMore);
        // A trial holds no call back that has no better backend.
        return takers.isEmpty() ? takers(this::hasRoom) : takers;
    }

    private Set<Member> takers(Predicate<Member> rule) {
        List<Member> able = members.values().stream().filter(rule).toList();
        Set<Member> inUse = ofTier(able, tierInUse());
        // The next tier takes what the tier in use has no room for.
        return inUse.isEmpty() ? Set.copyOf(able) : inUse;
    }

    private static Set<Member> ofTier(Collection<Member> some, int tier) {
        return some.stream().filter(member -> priority(member.id) == tier).collect(Collectors.toSet());
    }

    /** The reasons that a refusal gives. */
    Map<Ineligibility, Integer> refusals() {
        Map<Ineligibility, Integer> reasons = new EnumMap<>(Ineligibility.class);
        members.values().forEach(member -> {
            Ineligibility closed = closedBecause(member);
            reasons.merge(closed == null ? Ineligibility.FULL : closed, 1, Integer::sum);
        });
        return reasons;
    }

    /** The reason that the snapshot gives; null if the backend is eligible. */
    @Nullable
    Ineligibility shownReason(Member member) {
        Ineligibility closed = closedBecause(member);
        if (closed != null) {
            return closed;
        }
        if (isAvailable(member)) {
            return priority(member.id) == tierInUse() ? null : Ineligibility.STANDBY;
        }
        if (hasRoom(member) && members.values().stream().noneMatch(this::isAvailable)) {
            return null;
        }
        return member.onTrial ? Ineligibility.EJECTED : Ineligibility.FULL;
    }

    // Outcomes.

    /** A good answer, before the call ends: it counts for trials. */
    void responded(Member member, Call call) {
        boolean matters = member.onTrial || (call.trial != null && call.trial.undecided);
        if (matters && !call.proven) {
            call.proven = true;
            record(member, call, false);
            release(member, call);
            judge(member, call, Outcome.SUCCESS);
        }
    }

    void ended(Member member, Call call, Outcome outcome) {
        member.open.remove(call);
        if (outcome.isNeutral()) {
            if (call.permitted && !call.proven) {
                call.trial.permits++;
            }
            release(member, call);
            return;
        }
        boolean judged = call.proven && outcome == Outcome.SUCCESS;
        if (!judged) {
            record(member, call, outcome.isFailure());
        }
        release(member, call);
        if (!judged) {
            judge(member, call, outcome);
        }
    }

    /** What the breaker learns. */
    private void record(Member member, Call call, boolean failure) {
        long nowNanos = time.nanoTime();
        if (member.breaker == BreakerState.CLOSED) {
            boolean outdated = nowNanos - member.lastFailureNanos > WINDOW.toNanos();
            member.failuresInARow = failure ? (outdated ? 1 : member.failuresInARow + 1) : 0;
            if (failure) {
                member.lastFailureNanos = nowNanos;
            }
            if (member.failuresInARow == FAILURES) {
                opens(member);
            }
        } else if (member.breaker == BreakerState.HALF_OPEN && call.trial == member.trial) {
            Trial trial = member.trial;
            trial.results++;
            trial.failures += failure ? 1 : 0;
            if (trial.results == TRIAL_CALLS) {
                trial.undecided = false;
                if (trial.failures == TRIAL_CALLS) {
                    opens(member);
                } else {
                    closes(member);
                }
            }
        }
    }

    private void opens(Member member) {
        expect(member, member.breaker + " to OPEN");
        open(member);
    }

    private void open(Member member) {
        member.breaker = BreakerState.OPEN;
        member.movedNanos = time.nanoTime();
        long nanos = OPEN.toNanos() << Math.min(member.openings, 10);
        member.openFor = Duration.ofNanos(Math.min(nanos, MAX_OPEN.toNanos()));
        member.openings++;
    }

    private void closes(Member member) {
        if (member.breaker != BreakerState.CLOSED) {
            expect(member, member.breaker + " to CLOSED");
        }
        member.breaker = BreakerState.CLOSED;
        member.failuresInARow = 0;
        member.openings = 0;
        member.trial = null;
    }

    private static void release(Member member, Call call) {
        if (member.trialCall == call) {
            member.trialCall = null;
        }
    }

    /** What the ejection learns. */
    private void judge(Member member, Call call, Outcome outcome) {
        if (member.onTrial && call.startNanos >= member.trialSinceNanos) {
            boolean alone = members.values().stream().noneMatch(other -> other != member && isGood(other));
            if (!outcome.isFailure()) {
                member.onTrial = false;
            } else if (!alone) {
                member.onTrial = false;
                eject(member);
            }
        }
        if (outcome == Outcome.TIMED_OUT && !member.onTrial) {
            eject(member);
        }
    }

    private void eject(Member member) {
        boolean anotherInUse = members.values().stream()
                .anyMatch(other -> other != member
                        && isInService(other)
                        && !other.ejected
                        && other.breaker == BreakerState.CLOSED);
        if (member.ejected || !isInService(member) || !anotherInUse) {
            return;
        }
        member.ejections++;
        long nanos = EJECTED.toNanos() << Math.min(member.ejections - 1, 10);
        Duration duration = Duration.ofNanos(Math.min(nanos, MAX_EJECTED.toNanos()));
        member.ejected = true;
        member.ejectedUntilNanos = time.nanoTime() + duration.toNanos();
        expect(member, "ejected for " + duration);
    }

    /** A backend that joins again, or is back from maintenance or from down, begins anew. */
    void forget(Member member) {
        member.down = false;
        if (member.ejected) {
            member.ejected = false;
            expect(member, "returned");
        }
        member.onTrial = false;
        member.trialCall = null;
        member.ejections = 0;
        closes(member);
    }

    // Events.

    private void expect(Member member, String what) {
        expected.add(member.id + " " + what);
    }

    /** Listens to the pool: an event is either one that the model expects, or what a timer does in time. */
    void heard(LoadBalancerEvent event) {
        if (event instanceof BreakerChanged changed) {
            heard(changed.backend().id(), changed.before() + " to " + changed.after());
        } else if (event instanceof BackendEjected ejection) {
            heard(ejection.backend().id(), "ejected for " + ejection.duration());
        } else if (event instanceof BackendReturned returned) {
            heard(returned.backend().id(), "returned");
        } else if (event instanceof HealthChanged changed) {
            Member member = members.get(changed.backend().id());
            forgetIfBackFromDown(member);
            member.down = changed.after() == HealthState.DOWN;
        }
    }

    private void heard(String id, String what) {
        String event = id + " " + what;
        Member member = members.get(id);
        if (member == null) {
            faults.add(event + ", after it has left");
            return;
        }
        boolean ends =
                what.equals("returned") ? time.nanoTime() < member.ejectedUntilNanos : what.endsWith(" to CLOSED");
        if (ends && !expected.contains(event)) {
            forgetIfBackFromDown(member);
        }
        if (!expected.remove(event) && !isDue(member, what)) {
            faults.add(event + " at " + Duration.ofNanos(time.nanoTime()));
        }
    }

    private void forgetIfBackFromDown(Member member) {
        if (member.down && !sick.contains(member.id)) {
            forget(member);
        }
    }

    private boolean isDue(Member member, String what) {
        long sinceNanos = time.nanoTime() - member.movedNanos;
        switch (what) {
            case "OPEN to HALF_OPEN" -> {
                boolean due = member.breaker == BreakerState.OPEN
                        && sinceNanos >= 0.8 * member.openFor.toNanos()
                        && sinceNanos <= 1.2 * member.openFor.toNanos();
                member.breaker = BreakerState.HALF_OPEN;
                member.movedNanos = time.nanoTime();
                member.trial = new Trial();
                return due;
            }
            case "HALF_OPEN to OPEN" -> {
                boolean due = member.breaker == BreakerState.HALF_OPEN && sinceNanos == TRIAL_TIMEOUT.toNanos();
                if (member.trial != null) {
                    member.trial.undecided = false;
                }
                open(member);
                return due;
            }
            case "returned" -> {
                boolean due = member.ejected && time.nanoTime() == member.ejectedUntilNanos;
                endEjection(member);
                return due;
            }
            default -> {
                return false;
            }
        }
    }

    private static void endEjection(Member member) {
        member.ejected = false;
        member.onTrial = true;
        member.trialSinceNanos = member.ejectedUntilNanos;
        member.trialCall = null;
    }

    /** Whether all events were due, and what was due has happened. */
    void checkEvents() {
        assertThat(faults).as("events that the model does not know").isEmpty();
        assertThat(expected).as("events that are missing").isEmpty();
        long nowNanos = time.nanoTime();
        members.values().forEach(member -> {
            if (member.leaving && member.ejected && member.ejectedUntilNanos <= nowNanos) {
                // Nothing is told of a backend that leaves.
                endEjection(member);
            }
            long sinceNanos = nowNanos - member.movedNanos;
            assertThat(member.ejected && member.ejectedUntilNanos <= nowNanos)
                    .as("the ejection of %s has ended", member.id)
                    .isFalse();
            assertThat(member.breaker == BreakerState.OPEN && sinceNanos > 1.2 * member.openFor.toNanos())
                    .as("%s is open for too long", member.id)
                    .isFalse();
            assertThat(member.breaker == BreakerState.HALF_OPEN && sinceNanos > TRIAL_TIMEOUT.toNanos())
                    .as("%s is on trial for too long", member.id)
                    .isFalse();
        });
    }
}
