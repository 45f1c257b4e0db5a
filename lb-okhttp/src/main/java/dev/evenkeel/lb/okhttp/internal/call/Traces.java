package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a {@link CallTrace} of a chain of attempts. */
public final class Traces {
    private Traces() {}

    public static CallTrace of(AttemptSender dispatch, @Nullable Attempt last) {
        Deque<CallTrace.Attempt> attempts = new ArrayDeque<>();
        for (Attempt attempt = last; attempt != null; attempt = attempt.previous) {
            attempts.addFirst(attempt.trace());
        }
        return new CallTrace(
                dispatch.pool.name(), List.copyOf(attempts), dispatch.route == null ? null : dispatch.route.name());
    }
}
