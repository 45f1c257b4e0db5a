package dev.evenkeel.lb.examples.simulation;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Policies to compare with: the textbook's, on which our strategies improve, and one that no client can have. */
final class References {

    private References() {}

    /** Knows every server's queue, speed and faults at every moment. */
    static Policy omniscient() {
        return new Policy(
                "omniscient shortest queue",
                run -> smallest(candidate -> {
                    Server server = run.server(candidate.backend().id());
                    double turnsToWait = Math.floor((double) server.present() / server.workers()) + 1;
                    return server.refuses() ? Double.MAX_VALUE : turnsToWait / server.speed();
                }),
                Policy.Guard.NONE);
    }

    /** The fewest in flight of this client. */
    static Policy leastConnections() {
        return new Policy("least connections (local)", run -> smallest(Candidate::inFlight), Policy.Guard.NONE);
    }

    /** By chance among equals. */
    private static LoadBalancingStrategy smallest(ToDoubleFunction<Candidate> load) {
        return context -> request -> {
            Candidate best = null;
            double bestLoad = 0;
            int ties = 0;
            for (Candidate candidate : accepted(context.candidates(), request)) {
                double itsLoad = load.applyAsDouble(candidate);
                if (best == null || itsLoad < bestLoad) {
                    best = candidate;
                    bestLoad = itsLoad;
                    ties = 1;
                } else if (itsLoad == bestLoad && context.random().nextInt(++ties) == 0) {
                    best = candidate;
                }
            }
            return best;
        };
    }

    /** The servers that the request may go to: without the ones that it has been tried at. */
    private static List<Candidate> accepted(List<Candidate> candidates, PickRequest request) {
        for (Candidate candidate : candidates) {
            if (!request.accepts(candidate)) {
                return candidates.stream().filter(request::accepts).toList();
            }
        }
        return candidates;
    }

    /** The one with fewer in flight of two. */
    static Policy bestOfTwo() {
        return new Policy(
                "best of two",
                run -> context -> request -> {
                    List<Candidate> candidates = accepted(context.candidates(), request);
                    if (candidates.size() < 2) {
                        return candidates.isEmpty() ? null : candidates.get(0);
                    }
                    int one = context.random().nextInt(candidates.size());
                    int two = (one + 1 + context.random().nextInt(candidates.size() - 1)) % candidates.size();
                    return candidates.get(two).inFlight() < candidates.get(one).inFlight()
                            ? candidates.get(two)
                            : candidates.get(one);
                },
                Policy.Guard.NONE);
    }

    /** Finagle's: an error is a sample as any other, and what is not sampled decays to 0. */
    static Policy peakEwma() {
        return new Policy("peak EWMA of two", run -> PlainPeakEwma::new, Policy.Guard.NONE);
    }

    private static final class PlainPeakEwma implements Picker {
        private static final double HORIZON_NANOS = 10e9;
        private static final double PENALTY_OF_THE_UNKNOWN = 1e12;

        private final List<Candidate> all;
        private final RandomGenerator random;

        PlainPeakEwma(PickerContext context) {
            all = context.candidates();
            random = context.random();
        }

        @Override
        public @Nullable Candidate pick(PickRequest request) {
            List<Candidate> candidates = accepted(all, request);
            int n = candidates.size();
            if (n == 0) {
                return null;
            }
            Candidate one = candidates.get(random.nextInt(n));
            Candidate two = candidates.get(random.nextInt(n));
            for (int tries = 0; one.equals(two) && tries < 5; tries++) {
                two = candidates.get(random.nextInt(n));
            }
            return load(two, request.nowNanos()) < load(one, request.nowNanos()) ? two : one;
        }

        private static double load(Candidate candidate, long nowNanos) {
            Average average = candidate.state(Average.class, Average::new);
            average.take(0, nowNanos);
            int pending = candidate.inFlight();
            return average.nanos == 0 && pending != 0
                    ? PENALTY_OF_THE_UNKNOWN + pending
                    : average.nanos * (pending + 1);
        }

        @Override
        public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
            candidate.state(Average.class, Average::new).take((double) latencyNanos, nowNanos);
        }

        private static final class Average {
            private double nanos;
            private long lastNanos;

            void take(double sample, long nowNanos) {
                double left = Math.exp(-(nowNanos - lastNanos) / HORIZON_NANOS);
                nanos = sample > nanos ? sample : nanos * left + sample * (1 - left);
                lastNanos = nowNanos;
            }
        }
    }
}
