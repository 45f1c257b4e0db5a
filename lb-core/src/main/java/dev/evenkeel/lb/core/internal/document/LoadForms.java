package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.TaggedUnionType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.core.load.AgentCheck;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.spi.LoadReportSource;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The form of load reports from polling. */
final class LoadForms {
    static final ObjectType<?, Function<String, LoadReportSource>> AGENT = ObjectSchema.of(
                    "loadReports.agent", "HAProxy's agent check: one line over TCP.", Agent::new)
            .required("port", Types.integer(1, 65_535), "the agents' port", Agent::port)
            .optional(
                    "send",
                    Types.text("at most 1024 characters"),
                    "",
                    "what is sent first, with the line's end if the agent wants one",
                    Agent::send)
            .form()
            .as(agent -> pool -> agent.check);

    private LoadForms() {}

    static Type<Function<String, LoadReportPolicy>> reports(
            Map<String, ObjectType<?, Function<String, LoadReportSource>>> kinds) {
        ObjectSchema<LoadReportsDraft> common = ObjectSchema.of(
                        "loadReports",
                        "Backends are asked, beside the calls, how loaded they are. Without it no backend is asked.",
                        LoadReportsDraft::new)
                .optional(
                        "interval",
                        Types.duration("1ms", "1h"),
                        "2s",
                        "from the end of one reading to the next one of that backend",
                        (reports, value) -> reports.policy = reports.policy.withInterval(value))
                .optional(
                        "timeout",
                        Types.duration("1ms", "1h"),
                        "1s",
                        "a reading that has not come by then is given up",
                        (reports, value) -> reports.policy = reports.policy.withTimeout(value))
                .optional(
                        "maxPerSecond",
                        Types.integer(0, 1_000),
                        0,
                        "the most readings a second of all backends together, evenly spaced; 0 for no bound",
                        (reports, value) -> reports.policy = reports.policy.withMaxPerSecond(value))
                .form();
        return new TaggedUnionType<>(
                "source of load reports",
                kinds,
                common,
                (reports, source) -> reports.source = source,
                LoadReportsDraft::build);
    }

    private static final class Agent {
        private AgentCheck check = AgentCheck.onPort(1);
        private String sent = "";

        void port(int port) {
            check = AgentCheck.onPort(port).send(sent);
        }

        void send(String text) {
            check = check.send(text);
            sent = text;
        }
    }

    private static final class LoadReportsDraft {
        private LoadReportPolicy policy = LoadReportPolicy.of(AgentCheck.onPort(1));
        private @Nullable Function<String, LoadReportSource> source;

        @Nullable
        Function<String, LoadReportPolicy> build() {
            Function<String, LoadReportSource> made = source;
            LoadReportPolicy rate = policy;
            return made == null
                    ? null
                    : pool -> new LoadReportPolicy(
                            made.apply(pool), rate.interval(), rate.timeout(), rate.maxPerSecond());
        }
    }
}
