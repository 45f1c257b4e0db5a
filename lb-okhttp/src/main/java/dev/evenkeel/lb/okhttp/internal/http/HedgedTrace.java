package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The request tag by which each of the two requests of a hedged call finds the attempts of the other: a hedged call is two
 * calls of OkHttp, and has one trace.
 *
 * @param second whether the request is the second one
 * @param other the attempts of the other request until now; may be called by any thread
 */
public record HedgedTrace(boolean second, Supplier<List<Made>> other) {

    /**
     * An attempt with the time of its start, by which the attempts of two requests are sorted.
     *
     * @param startNanos as of {@link System#nanoTime}
     * @param trace the attempt
     */
    public record Made(long startNanos, CallTrace.AttemptTrace trace) {}

    /** The attempts of a call, and of the other request if it is hedged, in the order of their starts. */
    public static List<CallTrace.AttemptTrace> merge(Request request, List<Made> own) {
        HedgedTrace hedge = request.tag(HedgedTrace.class);
        List<Made> all = new ArrayList<>(own);
        if (hedge != null) {
            all.addAll(hedge.other.get());
            all.sort((one, another) -> Long.signum(one.startNanos - another.startNanos));
        }
        return all.stream().map(Made::trace).toList();
    }

    /** Whether a request is the second one of a hedged call. */
    public static boolean isSecond(Request request) {
        HedgedTrace hedge = request.tag(HedgedTrace.class);
        return hedge != null && hedge.second;
    }

    /** Whether a request is one of a hedged call. */
    public static boolean isHedged(@Nullable Request request) {
        return request != null && request.tag(HedgedTrace.class) != null;
    }
}
