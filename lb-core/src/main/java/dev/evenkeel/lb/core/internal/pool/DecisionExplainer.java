package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Decision;
import dev.evenkeel.lb.Decision.Option;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.core.internal.snapshot.CandidateGroup;
import dev.evenkeel.lb.core.internal.snapshot.PriorityLevel;
import dev.evenkeel.lb.core.internal.snapshot.SelectionPlan;
import dev.evenkeel.lb.core.internal.snapshot.Snapshot;
import dev.evenkeel.lb.core.internal.snapshot.StatusReporter;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Explains how a pool would treat a request. Takes no lock: if the pool changes at the same time, the states of single
 * backends may be newer than the snapshot.
 */
final class DecisionExplainer {
    /** Reasons that come from the request, not from the backend's state. */
    private static final Set<Ineligibility> OF_THE_REQUEST =
            EnumSet.of(Ineligibility.TRIED, Ineligibility.NOT_PERMITTED, Ineligibility.OTHER_SUBSET);

    private DecisionExplainer() {}

    static Decision explain(
            String pool, LoadBalancingStrategy strategy, Snapshot snapshot, RequestContext context, long nowNanos) {
        Subset subset = context.subset();
        List<Backend> tried = context.tried();
        Predicate<Backend> permitted = context.permitted();
        SelectionPlan spread = subset == null
                ? new SelectionPlan(snapshot.levels(), snapshot.draw())
                : snapshot.subsets().find(subset);
        Map<BackendState, Picker> pickers = pickers(spread);
        List<Option> options = new ArrayList<>(snapshot.all().size());
        boolean alternatives = pickers.keySet().stream()
                .anyMatch(node -> node.isAvailable() && Snapshot.ofRequest(node, tried, permitted) == null);
        Set<BackendState> passive = passivelyOut(snapshot, context);
        for (BackendState node : snapshot.all()) {
            Picker picker = pickers.get(node);
            if (passive.contains(node)) {
                options.add(nevertheless(node, nowNanos));
                continue;
            }
            Ineligibility reason = reason(node, picker, tried, permitted, alternatives);
            options.add(option(node, picker, reason, alternatives, nowNanos));
        }
        return new Decision(pool, strategy.name(), options, context.boundBackend(), null, "");
    }

    /** The backends that the request may use although passive health keeps them out. */
    private static Set<BackendState> passivelyOut(Snapshot snapshot, RequestContext context) {
        return PassivelyOut.mayBeUsed(context)
                ? new HashSet<>(PassivelyOut.of(snapshot, context.subset(), context, 0))
                : Set.of();
    }

    private static Option nevertheless(BackendState node, long nowNanos) {
        String use = "used although " + StatusReporter.fault(node, nowNanos) + "; nothing better is left for this call";
        return new Option(node.backend(), null, use, node.inFlight(), node.latencyNanos(), node.weight());
    }

    /** The eligible backends, each with the picker that may choose it. */
    private static Map<BackendState, Picker> pickers(SelectionPlan spread) {
        Map<BackendState, Picker> pickers = new HashMap<>();
        for (PriorityLevel level : spread.levels()) {
            for (CandidateGroup group : level.groups()) {
                group.nodes.forEach(node -> pickers.put(node, group.picker));
            }
        }
        return pickers;
    }

    private static Option option(
            BackendState node,
            @Nullable Picker picker,
            @Nullable Ineligibility reason,
            boolean alternatives,
            long nowNanos) {
        String explanation = reason == null && picker != null
                ? eligible(node, picker, alternatives, nowNanos)
                : reason != null && OF_THE_REQUEST.contains(reason)
                        ? reason.text()
                        : StatusReporter.explanation(node, alternatives, nowNanos);
        return new Option(node.backend(), reason, explanation, node.inFlight(), node.latencyNanos(), node.weight());
    }

    private static @Nullable Ineligibility reason(
            BackendState node,
            @Nullable Picker picker,
            List<Backend> tried,
            @Nullable Predicate<Backend> permitted,
            boolean alternatives) {
        Ineligibility closedBecause = node.closedBecause();
        if (closedBecause != null) {
            return closedBecause;
        }
        if (picker == null) {
            return Ineligibility.OTHER_SUBSET;
        }
        Ineligibility ofRequest = Snapshot.ofRequest(node, tried, permitted);
        return ofRequest == null ? StatusReporter.reason(node, alternatives) : ofRequest;
    }

    /** The strategy's reason, preceded by what else is unusual about the use of the backend. */
    private static String eligible(BackendState node, Picker picker, boolean alternatives, long nowNanos) {
        String use = StatusReporter.explanation(node, alternatives, nowNanos);
        String figures;
        try {
            figures = picker.explain(node, nowNanos);
        } catch (RuntimeException | Error e) {
            Containment.rethrowFatal(e);
            figures = "the strategy threw " + Printable.of(e);
        }
        if (use.equals(StatusReporter.USED)) {
            return figures;
        }
        return figures.isEmpty() ? use : use + "; " + figures;
    }
}
