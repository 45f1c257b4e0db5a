package dev.evenkeel.lb.core.strategy;

import static java.util.Objects.requireNonNull;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a pool does around a strategy, and nothing more: it keeps the current picker, counts calls in flight and tells the
 * picker of starts and ends. Picks may come from many threads; {@link #update} from one.
 */
public final class FakePool {
    final LoadBalancingStrategy strategy;
    public final AtomicLong clockNanos = new AtomicLong(1_000_000_000L);
    public final FakeContext.FakeFigures figures = new FakeContext.FakeFigures();

    private volatile FakeContext context;
    /** Of the candidates when the picker was made. */
    private volatile Map<Candidate, Double> weights;

    private volatile Picker picker;

    public FakePool(LoadBalancingStrategy strategy, long seed, List<FakeCandidate> candidates) {
        this.strategy = strategy;
        FakeContext seeded = FakeContext.of(seed, candidates);
        this.context = new FakeContext(seeded.candidates(), null, null, seeded.random(), clockNanos::get, figures);
        this.picker = strategy.newPicker(context);
        this.weights = weightsOf(candidates);
    }

    /** Backends {@code b0, b1, …} of the weights. */
    public static List<FakeCandidate> ofWeights(double... weights) {
        return IntStream.range(0, weights.length)
                .mapToObj(i -> FakeCandidate.of("b" + i, weights[i]))
                .toList();
    }

    /** Backends {@code b0, b1, …} of weight 1. */
    public static List<FakeCandidate> ofSize(int n) {
        return ofWeights(DoubleStream.generate(() -> 1).limit(n).toArray());
    }

    public Picker picker() {
        return picker;
    }

    public List<Candidate> candidates() {
        return context.candidates();
    }

    /** Replaces the candidates, or takes new weights into account, as the registry does. */
    public void update(List<FakeCandidate> candidates) {
        FakeContext next = context.next(picker, candidates, changes(candidates));
        picker = strategy.newPicker(next);
        context = next;
        weights = weightsOf(candidates);
    }

    /** What differs from the last list, in order; null if the order does, too. */
    private @Nullable List<CandidateChange> changes(List<FakeCandidate> candidates) {
        List<CandidateChange> changes = new ArrayList<>();
        int old = 0;
        for (FakeCandidate candidate : candidates) {
            if (weights.containsKey(candidate)) {
                for (; old < candidates().size() && candidates().get(old) != candidate; old++) {
                    if (candidates.contains(candidates().get(old))) {
                        return null;
                    }
                    changes.add(new CandidateChange(
                            candidates().get(old), weights.get(candidates().get(old)), 0));
                }
                old++;
            }
            double before = weights.getOrDefault(candidate, 0.0);
            if (before != candidate.weight()) {
                changes.add(new CandidateChange(candidate, before, candidate.weight()));
            }
        }
        candidates().stream().skip(old).forEach(gone -> changes.add(new CandidateChange(gone, weights.get(gone), 0)));
        return changes;
    }

    private static Map<Candidate, Double> weightsOf(List<? extends Candidate> candidates) {
        Map<Candidate, Double> weights = new IdentityHashMap<>();
        candidates.forEach(candidate -> weights.put(candidate, candidate.weight()));
        return weights;
    }

    /** Picks without starting anything. */
    public @Nullable FakeCandidate pick(PickRequest request) {
        return (FakeCandidate) picker.pick(request);
    }

    /** Picks and starts; null if nothing was picked. */
    @Nullable
    public FakeCandidate acquire(PickRequest request) {
        FakeCandidate candidate = pick(request);
        if (candidate != null) {
            candidate.inFlight.incrementAndGet();
            picker.started(candidate, clockNanos.get());
        }
        return candidate;
    }

    public void complete(FakeCandidate candidate, Outcome outcome, long latencyNanos) {
        candidate.inFlight.decrementAndGet();
        picker.completed(candidate, outcome, latencyNanos, clockNanos.get());
    }

    /** One call from beginning to end that takes no time. */
    public @Nullable FakeCandidate call(PickRequest request) {
        FakeCandidate candidate = acquire(request);
        if (candidate != null) {
            complete(candidate, Outcome.SUCCESS, 1_000_000);
        }
        return candidate;
    }

    /** How often each candidate, by its index in the list, is called in so many calls. */
    public int[] count(int calls, PickRequest request) {
        int[] counts = new int[candidates().size()];
        for (int i = 0; i < calls; i++) {
            counts[candidates().indexOf(requireNonNull(call(request)))]++;
        }
        return counts;
    }
}
