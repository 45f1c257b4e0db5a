package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier;
import dev.evenkeel.lb.okhttp.route.ForwardedHeaders;
import dev.evenkeel.lb.okhttp.route.ForwardedHeaders.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The forms of settings of all calls: connections, forwarded headers, outcomes, credentials. */
final class ClientForms {
    private static final Type<Mode> MODE = Types.constant("mode", Mode.values());

    static final Type<ForwardedHeaders> FORWARDED = ObjectSchema.of(
                    "forwarded",
                    "What backends are told of the client that is being served: leave the header as it is, append to it, set it, or"
                            + " remove it.",
                    Forwarded::new)
            .optional("forwardedFor", MODE, "off", "`X-Forwarded-For`", (draft, mode) -> draft.forwardedFor = mode)
            .optional("host", MODE, "off", "`X-Forwarded-Host`", (draft, mode) -> draft.host = mode)
            .optional("proto", MODE, "off", "`X-Forwarded-Proto`", (draft, mode) -> draft.proto = mode)
            .optional("port", MODE, "off", "`X-Forwarded-Port`", (draft, mode) -> draft.port = mode)
            .optional("forwarded", MODE, "off", "`Forwarded` (RFC 7239)", (draft, mode) -> draft.forwarded = mode)
            .optional("requestId", MODE, "off", "the request's id", (draft, mode) -> draft.requestId = mode)
            .optional(
                    "requestIdHeader",
                    Types.text("a token"),
                    "X-Request-Id",
                    "the header of the request's id",
                    Forwarded::requestIdHeader)
            .form()
            .as(Forwarded::build);

    private static final Type<WarmUpDraft> WARM_UP = ObjectSchema.of(
                    "connections.warmUp",
                    "Connections that are opened before a backend takes traffic.",
                    WarmUpDraft::new)
            .required("connections", Types.integer(1, 100), "how many", WarmUpDraft::connections)
            .required("path", Types.text("a path"), "what HEAD is sent for, over each", WarmUpDraft::path)
            .required(
                    "timeout",
                    Types.duration("1ms", "1m"),
                    "after it the backend takes traffic anyway",
                    WarmUpDraft::timeout)
            .form()
            .as(draft -> draft);

    static final Type<ConnectionPolicy> CONNECTIONS = ObjectSchema.of(
                    "connections", "How connections to backends are kept.", Connections::new)
            .optional(
                    "lanes",
                    Types.integer(1, 64),
                    1,
                    "connections to a backend where HTTP/2 would keep to one",
                    (draft, lanes) -> draft.policy.lanes(lanes))
            .optional(
                    "maxAge",
                    Types.duration("1s", "365d"),
                    Default.text("none"),
                    "how old a connection gets",
                    Connections::maxAge)
            .optional(
                    "maxAgeJitterPercent",
                    Types.number(0, 50),
                    10,
                    "by how much less that is, at random",
                    Connections::maxAgeJitterPercent)
            .optional(
                    "warmUp",
                    WARM_UP,
                    Default.text("none"),
                    "what is opened before a backend takes traffic",
                    (draft, warmUp) -> draft.policy.warmUp(warmUp.connections, warmUp.path, warmUp.timeout))
            .form()
            .as(Connections::build);

    private static final Type<StatusRule> STATUS_RULE = ObjectSchema.of(
                    "outcome", "What answers with some statuses say of the backend.", StatusRule::new)
            .required("from", Types.integer(100, 999), "the first status", StatusRule::from)
            .optional("to", Types.integer(100, 999), Default.text("`from`"), "the last status", StatusRule::to)
            .required(
                    "outcome",
                    Types.constant("outcome", Outcome.values()),
                    "what they count as",
                    (draft, outcome) -> draft.outcome = outcome)
            .form()
            .as(StatusRule::checked);

    static final Type<List<StatusRule>> OUTCOMES = Types.list(STATUS_RULE, 0, 1_000);

    /** Headers by the backend's id or origin, and the header's name. */
    static final Type<Map<String, Map<String, String>>> CREDENTIALS = Types.hidden(
            Types.map(Types.map(Types.text("tabs and printable ASCII"), "header"), "backend id or origin"));

    private ClientForms() {}

    static OutcomeClassifier classifier(List<StatusRule> rules) {
        OutcomeClassifier classifier = OutcomeClassifier.standard();
        for (StatusRule rule : rules) {
            classifier = classifier.countingStatus(rule.from, rule.last(), rule.outcome);
        }
        return classifier;
    }

    private static final class Forwarded {
        private Mode forwardedFor = Mode.OFF;
        private Mode host = Mode.OFF;
        private Mode proto = Mode.OFF;
        private Mode port = Mode.OFF;
        private Mode forwarded = Mode.OFF;
        private Mode requestId = Mode.OFF;
        private String requestIdHeader = "X-Request-Id";

        void requestIdHeader(String name) {
            requestIdHeader = ForwardedHeaders.OFF.requestId(Mode.OFF, name).requestIdHeader();
        }

        ForwardedHeaders build() {
            return new ForwardedHeaders(forwardedFor, host, proto, port, forwarded, requestId, requestIdHeader);
        }
    }

    private static final class WarmUpDraft {
        private int connections = 1;
        private String path = "/";
        private Duration timeout = Duration.ofSeconds(1);

        void connections(int given) {
            ConnectionPolicy.builder().warmUp(given, path, timeout);
            connections = given;
        }

        void path(String given) {
            ConnectionPolicy.builder().warmUp(connections, given, timeout);
            path = given;
        }

        void timeout(Duration given) {
            ConnectionPolicy.builder().warmUp(connections, path, given);
            timeout = given;
        }
    }

    private static final class Connections {
        private final ConnectionPolicy.Builder policy = ConnectionPolicy.builder();
        private @Nullable Duration maxAge;
        private double maxAgeJitterPercent = 10;

        void maxAge(Duration age) {
            policy.maxAge(age, 0);
            maxAge = age;
        }

        void maxAgeJitterPercent(double percent) {
            ConnectionPolicy.builder().maxAge(Duration.ofHours(1), percent);
            maxAgeJitterPercent = percent;
        }

        ConnectionPolicy build() {
            if (maxAge != null) {
                policy.maxAge(maxAge, maxAgeJitterPercent);
            }
            return policy.build();
        }
    }

    /** One entry of {@code outcomes}. */
    static final class StatusRule {
        private int from = 100;
        private int to;
        private Outcome outcome = Outcome.SUCCESS;

        void from(int status) {
            OutcomeClassifier unused = OutcomeClassifier.standard().countingStatus(status, 999, outcome);
            from = status;
        }

        void to(int status) {
            OutcomeClassifier unused = OutcomeClassifier.standard().countingStatus(100, status, outcome);
            to = status;
        }

        private int last() {
            return to == 0 ? from : to;
        }

        StatusRule checked() {
            OutcomeClassifier unused = OutcomeClassifier.standard().countingStatus(from, last(), outcome);
            return this;
        }
    }
}
