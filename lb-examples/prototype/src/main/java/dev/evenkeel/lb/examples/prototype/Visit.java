package dev.evenkeel.lb.examples.prototype;

import java.io.IOException;
import java.net.UnknownHostException;
import java.util.Objects;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Response;

/**
 * Where one request went.
 *
 * @param step the request
 * @param server who answered; {@link Step#NONE} if no server of any pool
 * @param outcome the status, or why there is none
 */
record Visit(Step step, String server, String outcome) {

    /** The pool of that server. The server says who it is; what the client believes does not count. */
    String pool() {
        return server.replaceFirst("-\\d+$", "");
    }

    boolean isAsExpected() {
        return pool().equals(step.pool());
    }

    /** Sends a request to its own URL. */
    static Visit of(OkHttpClient client, Step step) {
        return of(client, step, step.url());
    }

    /** Sends a request to another URL: a proxy's. */
    static Visit of(OkHttpClient client, Step step, HttpUrl to) {
        Call call = client.newCall(step.request(to));
        try (Response response = call.execute()) {
            response.body().bytes();
            String server = Objects.requireNonNullElse(response.header(Server.NAME_HEADER), Step.NONE);
            return new Visit(step, server, Integer.toString(response.code()));
        } catch (UnknownHostException e) {
            return new Visit(step, Step.NONE, "passed untouched");
        } catch (IOException e) {
            return new Visit(step, "failed", e.toString());
        }
    }
}
