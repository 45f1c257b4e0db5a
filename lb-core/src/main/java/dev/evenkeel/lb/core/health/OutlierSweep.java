package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.spi.Candidate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/** Compares backends with each other at the end of an interval, and proposes ejections, the worst backends first. */
final class OutlierSweep {
    private final List<Interval> intervals = new ArrayList<>();
    private final BiConsumer<? super Candidate, String> eject;

    /** The minimum for a comparison: so many backends with so many calls each in the interval. */
    record Volume(int hosts, int calls) {}

    /** Ends the interval of each backend. */
    OutlierSweep(List<? extends Candidate> peers, BiConsumer<? super Candidate, String> eject) {
        peers.forEach(peer -> intervals.add(Interval.end(peer)));
        this.eject = eject;
    }

    /** The rate below which a backend is ejected: mean − factor · standard deviation. */
    static double successRateLimit(double[] rates, double stdevFactor) {
        double mean = Arrays.stream(rates).average().orElse(0);
        double variance = Arrays.stream(rates)
                .map(rate -> (rate - mean) * (rate - mean))
                .average()
                .orElse(0);
        return mean - stdevFactor * Math.sqrt(variance);
    }

    /** The intervals with enough calls, the worst first; none if they are too few to be compared. */
    private List<Interval> enough(Volume volume) {
        List<Interval> busy = intervals.stream()
                .filter(interval -> interval.calls >= volume.calls)
                .sorted(Comparator.comparingDouble(Interval::failurePercent).reversed())
                .toList();
        return busy.size() < volume.hosts ? List.of() : busy;
    }

    /** Proposes backends whose success rate is far below the mean. */
    void bySuccessRate(double stdevFactor, Volume volume) {
        List<Interval> compared = enough(volume);
        double[] rates = compared.stream().mapToDouble(Interval::successRate).toArray();
        double limit = successRateLimit(rates, stdevFactor);
        for (Interval one : compared) {
            if (one.successRate() < limit) {
                eject.accept(
                        one.candidate,
                        String.format(Locale.ROOT, "success rate %.1f %%, below %.1f %%", one.successRate(), limit));
            }
        }
    }

    /** Proposes backends with this share of failures. */
    void byFailurePercent(double failurePercent, Volume volume) {
        for (Interval one : enough(volume)) {
            if (one.failurePercent() >= failurePercent) {
                eject.accept(
                        one.candidate,
                        String.format(
                                Locale.ROOT,
                                "%.1f %% of %d calls failed, at least %.1f %%",
                                one.failurePercent(),
                                one.calls,
                                failurePercent));
            }
        }
    }

    /** Proposes backends that are much slower than the median. */
    void byLatency(double latencyFactor, Volume volume) {
        List<Interval> sampled = enough(volume).stream()
                .filter(one -> one.candidate.latencyNanos() > 0)
                .sorted(Comparator.comparingDouble((Interval one) -> one.candidate.latencyNanos())
                        .reversed())
                .toList();
        if (sampled.size() < volume.hosts) {
            return;
        }
        double median = sampled.get(sampled.size() / 2).candidate.latencyNanos();
        for (Interval one : sampled) {
            double latency = one.candidate.latencyNanos();
            if (latency > latencyFactor * median) {
                eject.accept(
                        one.candidate,
                        String.format(
                                Locale.ROOT,
                                "%.1f ms to the answer, %.1f times the pool's median",
                                latency / 1e6,
                                latency / median));
            }
        }
    }

    /** The calls of one backend in an interval. */
    private record Interval(Candidate candidate, int calls, int failures) {

        static Interval end(Candidate candidate) {
            long counts =
                    candidate.state(OutlierCounts.class, OutlierCounts::new).endInterval();
            return new Interval(candidate, OutlierCounts.calls(counts), OutlierCounts.failures(counts));
        }

        double failurePercent() {
            return calls == 0 ? 0 : 100.0 * failures / calls;
        }

        double successRate() {
            return 100 - failurePercent();
        }
    }
}
