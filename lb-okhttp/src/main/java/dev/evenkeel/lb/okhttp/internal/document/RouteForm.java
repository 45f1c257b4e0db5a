package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.okhttp.route.RequestCondition;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.ValueMatcher;
import java.util.List;
import java.util.Map;

/** The form of a route. */
final class RouteForm {
    private static final int MAX_PATTERNS = 1_000;
    private static final Type<List<String>> TEXTS = Types.oneOrMore(Types.text(), MAX_PATTERNS);
    private static final Type<Map<String, List<ValueMatcher>>> HEADER_TESTS = Types.map(RouteTargets.TESTS, "header");
    private static final Type<Map<String, List<ValueMatcher>>> COOKIE_TESTS = Types.map(RouteTargets.TESTS, "cookie");
    private static final Type<Map<String, List<ValueMatcher>>> QUERY_TESTS = Types.map(RouteTargets.TESTS, "parameter");

    static final Type<Route> TYPE = ObjectSchema.knowing(
                    "route",
                    "Which requests go to which pool, and what is changed on the way. All that is asked must hold; of several"
                            + " hosts, paths or methods one.",
                    RouteDefinition::new)
            .requiredAt("name", Types.text(), "for traces and messages; no other route's", RouteDefinition::name)
            .optional(
                    "host",
                    TEXTS,
                    Default.text("every host"),
                    "such as `api.example.com`, or `*.example.com` for all beneath it",
                    (draft, hosts) -> draft.set(route -> route.host(hosts.toArray(String[]::new))))
            .optional(
                    "path",
                    TEXTS,
                    Default.text("every path"),
                    "that path alone",
                    (draft, paths) -> draft.set(route -> route.path(paths.toArray(String[]::new))))
            .optional(
                    "pathPrefix",
                    TEXTS,
                    Default.text("every path"),
                    "`/a` is `/a` and all beneath it, `/a/` only what is beneath it",
                    (draft, prefixes) -> draft.set(route -> route.pathPrefix(prefixes.toArray(String[]::new))))
            .optional(
                    "pathRegex",
                    TEXTS,
                    Default.text("every path"),
                    "paths that match as a whole",
                    (draft, regexes) -> draft.set(route -> route.pathRegex(regexes.toArray(String[]::new))))
            .optional(
                    "method",
                    TEXTS,
                    Default.text("every method"),
                    "such as `GET`",
                    (draft, methods) -> draft.set(route -> route.method(methods.toArray(String[]::new))))
            .optional(
                    "header",
                    HEADER_TESTS,
                    Default.text("none"),
                    "what headers must be",
                    (draft, tests) -> conditions(draft, RequestCondition.RequestPart.HEADER, tests))
            .optional(
                    "cookie",
                    COOKIE_TESTS,
                    Default.text("none"),
                    "what cookies must be",
                    (draft, tests) -> conditions(draft, RequestCondition.RequestPart.COOKIE, tests))
            .optional(
                    "query",
                    QUERY_TESTS,
                    Default.text("none"),
                    "what parameters of the query must be",
                    (draft, tests) -> conditions(draft, RequestCondition.RequestPart.QUERY, tests))
            .required(
                    "to",
                    RouteTargets.TARGET,
                    "where the requests go: the name of a pool, or shares",
                    RouteDefinition::to)
            .optional(
                    "mirror",
                    Types.oneOrMore(RouteTargets.MIRROR, 16),
                    Default.text("none"),
                    "where copies go: the name of a pool, or an object",
                    RouteDefinition::mirror)
            .optional(
                    "stripPrefix",
                    Types.text("a path"),
                    Default.text("none"),
                    "is taken off the path",
                    RouteDefinition::stripPrefix)
            .optional(
                    "rewritePath",
                    RewriteForms.REWRITE,
                    Default.text("none"),
                    "what becomes of the path",
                    RouteDefinition::rewritePath)
            .optional(
                    "requestHeaders",
                    RewriteForms.HEADERS,
                    Default.text("none"),
                    "what is changed in the request's headers",
                    (draft, edits) -> draft.set(route -> route.requestHeaders(RewriteForms.array(edits))))
            .optional(
                    "responseHeaders",
                    RewriteForms.HEADERS,
                    Default.text("none"),
                    "what is changed in the response's headers",
                    (draft, edits) -> draft.set(route -> route.responseHeaders(RewriteForms.array(edits))))
            .optional(
                    "forwarded",
                    ClientForms.FORWARDED,
                    Default.text("the document's"),
                    "what the backend is told of the client that is being served",
                    (draft, policy) -> draft.set(route -> route.forwarded(policy)))
            .optional(
                    "retries",
                    RetryForms.RETRIES,
                    Default.text("the document's"),
                    "what is sent again",
                    (draft, policy) -> draft.set(route -> route.retries(policy)))
            .optional(
                    "timeout",
                    Types.duration("1ms", "24h"),
                    Default.text("the client's"),
                    "how long the whole call may take",
                    (draft, timeout) -> draft.set(route -> route.timeout(timeout)))
            .optional(
                    "connectTimeout",
                    Types.duration("1ms", "24h"),
                    Default.text("the client's"),
                    "how long connecting may take",
                    (draft, timeout) -> draft.set(route -> route.connectTimeout(timeout)))
            .optional(
                    "readTimeout",
                    Types.duration("1ms", "24h"),
                    Default.text("the client's"),
                    "how long nothing may be read",
                    (draft, timeout) -> draft.set(route -> route.readTimeout(timeout)))
            .optional(
                    "writeTimeout",
                    Types.duration("1ms", "24h"),
                    Default.text("the client's"),
                    "how long nothing may be written",
                    (draft, timeout) -> draft.set(route -> route.writeTimeout(timeout)))
            .optional(
                    "hedging",
                    RetryForms.HEDGING,
                    Default.text("the document's"),
                    "when a second request is sent",
                    (draft, policy) -> draft.set(route -> route.hedging(policy)))
            .optional(
                    "affinityKey",
                    KeyForms.AFFINITY_KEY,
                    Default.text("the document's"),
                    "what ties requests to backends under `consistentHash`",
                    (draft, keys) -> draft.set(route -> route.affinityKey(KeyForms.firstKey(keys))))
            .optional(
                    "clientAddress",
                    KeyForms.CLIENT_ADDRESS,
                    Default.text("the document's"),
                    "on whose behalf requests are made: for `ipHash`",
                    (draft, addresses) -> draft.set(route -> route.clientAddress(KeyForms.firstAddress(addresses))))
            .optional(
                    "subset",
                    KeyForms.SUBSET,
                    Default.text("the document's"),
                    "only backends with these metadata",
                    (draft, metadata) -> draft.set(route -> route.subset(KeyForms.subset(metadata))))
            .form()
            .as(RouteDefinition::build);

    private RouteForm() {}

    private static void conditions(
            RouteDefinition draft, RequestCondition.RequestPart part, Map<String, List<ValueMatcher>> tests) {
        tests.forEach((name, all) ->
                all.forEach(test -> draft.set(route -> route.condition(new RequestCondition(part, name, test)))));
    }
}
