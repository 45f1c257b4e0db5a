package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes traces of calls from their attempts. A hedged call is two calls of OkHttp, and has one trace. */
final class CallTraces {
    private static final Comparator<Made> IN_ORDER = Comparator.comparingLong(made -> made.startNanos);

    private record Made(long startNanos, CallTrace.AttemptTrace trace) {}

    private CallTraces() {}

    /** The trace of a call up to one of its attempts. May be made by any thread. */
    static CallTrace of(Attempt last) {
        List<Made> made = new ArrayList<>();
        HedgeTag hedge = last.exchange().request().tag(HedgeTag.class);
        boolean second = hedge != null && hedge.second();
        add(last, second, made);
        CallState other = hedge == null ? null : hedge.race().other(second);
        add(other == null ? null : other.current(), !second, made);
        long origin = last.startNanos();
        made.replaceAll(one -> new Made(one.startNanos - origin, one.trace));
        made.sort(IN_ORDER);
        return last.exchange()
                .destination()
                .trace(made.stream().map(Made::trace).toList());
    }

    private static void add(@Nullable Attempt last, boolean hedge, List<Made> made) {
        for (Attempt attempt = last; attempt != null; attempt = attempt.previous()) {
            made.add(0, new Made(attempt.startNanos(), attempt.trace(hedge)));
        }
    }
}
