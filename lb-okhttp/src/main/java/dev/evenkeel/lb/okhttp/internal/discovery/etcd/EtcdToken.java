package dev.evenkeel.lb.okhttp.internal.discovery.etcd;

import static java.util.regex.Pattern.CASE_INSENSITIVE;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.StatusException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.regex.Pattern;
import okhttp3.Request;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * The token of etcd's user: fetched by name and password, and again when a server refuses it. Used by one thread.
 *
 * <p>A refusal does not tell its cause reliably. A token that has expired, that a restarted server has forgotten, or
 * that is older than the last change of users and roles is refused as unauthenticated (401), as an invalid argument
 * (400) or as a missing permission (403), by version and kind of token. So each of these refusals counts, and one with
 * another code whose text says so, once for each token.
 */
final class EtcdToken {
    private static final Set<Integer> REFUSALS = Set.of(400, 401, 403);
    private static final Pattern REFUSAL = Pattern.compile("auth token|auth store|unauthenticated", CASE_INSENSITIVE);

    private final RegistryClient client;
    private final @Nullable EtcdCredentials credentials;
    private final Requests requests;
    private String token = "";
    private boolean fresh;

    EtcdToken(RegistryClient client, @Nullable EtcdCredentials credentials, Requests requests) {
        this.client = client;
        this.credentials = credentials;
        this.requests = requests;
    }

    /** The value of the header; empty if there is none. */
    String value() {
        return token;
    }

    /** Notes that the token may have become invalid since it was fetched. */
    void age() {
        fresh = false;
    }

    /** Runs an exchange with a token, and once more with a new one if the first is refused. */
    void authorize(Exchange exchange) throws IOException {
        if (credentials != null && token.isEmpty()) {
            fetch(credentials);
        }
        try {
            exchange.run();
        } catch (StatusException | RefusedWatchException e) {
            if (credentials == null || fresh || (e instanceof StatusException status && !isRefusal(status))) {
                throw e;
            }
            fetch(credentials);
            exchange.run();
        }
    }

    private static boolean isRefusal(StatusException answer) {
        return REFUSALS.contains(answer.code()) || isRefusal(String.valueOf(answer.getMessage()));
    }

    /** Whether a text says that a token was refused. Versions and proxies send it with codes of other meanings, too. */
    static boolean isRefusal(String text) {
        return REFUSAL.matcher(text).find();
    }

    private void fetch(EtcdCredentials by) throws IOException {
        token = "";
        ObjectNode body = RegistryJson.newObject().put("name", by.user()).put("password", by.password());
        Request request = requests.create("v3/auth/authenticate", body);
        client.secrets().add(by.password());
        client.secrets().add(escaped(by.password()));
        String given = client.exchange(request, (response, source) -> givenToken(source));
        client.secrets().add(given);
        try {
            token = Messages.secret("the token", given);
        } catch (IllegalArgumentException e) {
            throw new MalformedAnswerException(String.valueOf(e.getMessage()), e);
        }
        fresh = true;
    }

    /** Says nothing of an answer that it cannot read, since there may be a token in it. */
    private static String givenToken(BufferedSource source) throws IOException {
        try {
            return RegistryJson.object(source.readByteArray()).path("token").asText("");
        } catch (MalformedAnswerException e) {
            MalformedAnswerException unquoted =
                    new MalformedAnswerException("the answer to the login must be a JSON object with a token");
            unquoted.setStackTrace(e.getStackTrace());
            throw unquoted;
        }
    }

    /** As it stands in a JSON string. */
    private static String escaped(String text) throws IOException {
        String json = new String(RegistryJson.bytes(TextNode.valueOf(text)), StandardCharsets.UTF_8);
        return json.substring(1, json.length() - 1);
    }

    /** A watch that the server does not open, or ends. */
    static final class RefusedWatchException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedWatchException(String reason) {
            super("the watch was refused: " + reason);
        }
    }

    /** Makes a request with the token of the moment. */
    @FunctionalInterface
    interface Requests {
        Request create(String path, JsonNode body) throws IOException;
    }

    /** A request and what is made of its answer. */
    @FunctionalInterface
    interface Exchange {
        void run() throws IOException;
    }
}
