package dev.evenkeel.lb.core.internal.strategy.slowstart;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A strategy's own picker: picks its first accepted candidate, judges as a test says, and records what it is told. */
final class FakeCostPicker implements CostPicker {
    final PickerContext context;
    final List<String> told = new ArrayList<>();
    final Set<Candidate> unwell = new HashSet<>();
    double relativeCost = 1;

    FakeCostPicker(PickerContext context) {
        this.context = context;
    }

    @Override
    public @Nullable Candidate pick(PickRequest request) {
        return context.candidates().stream()
                .filter(request::accepts)
                .findFirst()
                .orElse(null);
    }

    @Override
    public double relativeCost(Candidate candidate, long nowNanos) {
        told.add("cost of " + candidate + " at " + nowNanos);
        return relativeCost;
    }

    @Override
    public boolean isUnwell(Candidate picked, long nowNanos) {
        told.add("health of " + picked + " at " + nowNanos);
        return unwell.contains(picked);
    }

    @Override
    public void started(Candidate candidate, long nowNanos) {
        told.add(candidate + " started at " + nowNanos);
    }

    @Override
    public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
        told.add(candidate + " completed " + outcome + " in " + latencyNanos + " at " + nowNanos);
    }

    @Override
    public void reported(Candidate candidate, LoadReport report, long nowNanos) {
        told.add(candidate + " reported " + report.cpuUtilization() + " at " + nowNanos);
    }

    @Override
    public String explain(Candidate candidate, long nowNanos) {
        return "cost of " + candidate + " at " + nowNanos;
    }
}
