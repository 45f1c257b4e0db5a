package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;

/** The form of a pool's drains. */
final class DrainForm {
    static final Type<DrainPolicy> TYPE = ObjectSchema.of(
                    "drains", "How drains end, and those of backends that are removed.", Draft::new)
            .optional(
                    "deadline",
                    Types.duration("1ms", ""),
                    "5m",
                    "when a drain ends even if calls or sessions are left",
                    (draft, deadline) -> draft.policy = draft.policy.withDeadline(deadline))
            .optional(
                    "closeAtDeadline",
                    Types.flag(),
                    false,
                    "whether what is left then is closed: WebSockets with 1001, streams of HTTP/2 with `CANCEL`, the rest"
                            + " with its connection",
                    (draft, close) -> draft.policy = draft.policy.withCloseAtDeadline(close))
            .optional(
                    "untilDeadline",
                    Types.flag(),
                    false,
                    "whether the drain lasts until then even if nothing is left: sessions that this process has not seen"
                            + " stay, too",
                    (draft, wait) -> draft.policy = draft.policy.withUntilDeadline(wait))
            .form()
            .as(draft -> draft.policy);

    private DrainForm() {}

    private static final class Draft {
        private DrainPolicy policy = DrainPolicy.defaults();
    }
}
