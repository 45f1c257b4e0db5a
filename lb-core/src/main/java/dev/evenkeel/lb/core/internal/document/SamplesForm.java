package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.core.health.HealthSamples;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;

/** The form of how many of the last checks must succeed. */
final class SamplesForm {
    static final Type<HealthSamples> SAMPLES = ObjectSchema.of(
                    "healthCheck.samples",
                    "A backend is up with so many successes among its last checks, and down when there can no longer be so"
                            + " many: Azure Front Door's rule.",
                    SamplesForm::new)
            .required(
                    "required",
                    Types.integer(1, HealthSamples.MAX_SIZE),
                    "the successes; at most `size`",
                    (draft, value) -> draft.required = value)
            .required(
                    "size",
                    Types.integer(1, HealthSamples.MAX_SIZE),
                    "the last checks that count",
                    (draft, value) -> draft.size = value)
            .form()
            .as(draft -> new HealthSamples(draft.required, draft.size));

    private int required;
    private int size;

    private SamplesForm() {}
}
