package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the pickers of one pool under {@code adaptive} share. They scan in the order of the list they are made from. */
final class AdaptivePoolFixture {
    static final long MILLI = 1_000_000;
    /** A generator whose draws of a state are one half: its phase is ln 2. */
    static final RandomGenerator HALVES = () -> 1L << 63;

    final FakeContext.FakeFigures figures = new FakeContext.FakeFigures();
    final RandomGenerator random;
    final PickCounter turns;
    final AdaptiveStates lookup;
    long nowNanos = 50_000 * MILLI;

    AdaptivePoolFixture(int lastTurn, RandomGenerator random) {
        this.random = random;
        this.turns = new PickCounter(lastTurn, 0);
        this.lookup = AdaptiveStates.of(turns, HALVES, false);
    }

    AdaptivePoolFixture() {
        this(-1, new Random(1));
    }

    /** Backends {@code a, b, …} of the weights. */
    static List<FakeCandidate> backends(double... weights) {
        return IntStream.range(0, weights.length)
                .mapToObj(i -> FakeCandidate.of(String.valueOf((char) ('a' + i)), weights[i]))
                .toList();
    }

    static List<FakeCandidate> without(List<FakeCandidate> candidates, FakeCandidate... left) {
        return candidates.stream()
                .filter(candidate -> !Arrays.asList(left).contains(candidate))
                .toList();
    }

    static List<FakeCandidate> with(List<FakeCandidate> candidates, FakeCandidate... joined) {
        List<FakeCandidate> all = new ArrayList<>(candidates);
        all.addAll(Arrays.asList(joined));
        return all;
    }

    static CandidateChange leaves(FakeCandidate candidate) {
        return new CandidateChange(candidate, candidate.weight, 0);
    }

    static CandidateChange joins(FakeCandidate candidate) {
        return new CandidateChange(candidate, 0, candidate.weight);
    }

    /** Sets the weight as well. */
    static CandidateChange changes(FakeCandidate candidate, double weight) {
        double before = candidate.weight;
        candidate.weight = weight;
        return new CandidateChange(candidate, before, weight);
    }

    AdaptivePicker picker(List<FakeCandidate> candidates) {
        return AdaptivePicker.of(candidates.toArray(Candidate[]::new), turns, lookup, figures, random);
    }

    /** The picker after changes; null for changes means that they are not known. */
    @Nullable
    AdaptivePicker successor(
            AdaptivePicker before, List<FakeCandidate> candidates, @Nullable List<CandidateChange> changes) {
        return before.successor(
                new FakeContext(List.copyOf(candidates), before, changes, random, () -> nowNanos, figures));
    }

    AdaptiveState state(FakeCandidate candidate) {
        return lookup.of(candidate);
    }

    private FakeRequest request() {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = nowNanos;
        return request;
    }

    /** Picks without starting a call. */
    @Nullable
    FakeCandidate pick(AdaptivePicker picker, FakeCandidate... tried) {
        return (FakeCandidate) picker.pick(request().afterTrying(tried));
    }

    /** Picks where the request accepts one candidate only. */
    @Nullable
    FakeCandidate pickOnly(AdaptivePicker picker, FakeCandidate wanted, List<FakeCandidate> all) {
        return pick(picker, without(all, wanted).toArray(FakeCandidate[]::new));
    }

    /** A call to the candidate times out, while another call of the pool has ended normally. */
    void strike(AdaptivePicker picker, FakeCandidate candidate) {
        turns.normalAnswers().add(nowNanos - 1, figures.latencyP95Nanos);
        picker.completed(candidate, Outcome.TIMED_OUT, 60_000 * MILLI, nowNanos);
    }
}
