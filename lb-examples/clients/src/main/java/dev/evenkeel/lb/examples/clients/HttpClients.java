package dev.evenkeel.lb.examples.clients;

import dev.evenkeel.lb.LoadBalancer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.io.entity.EntityUtils;

/** The JDK's HttpClient and Apache's over a pool. */
final class HttpClients {
    private HttpClients() {}

    /** A GET by the JDK's client. */
    static HttpResponse<String> get(HttpClient http, LoadBalancer pool, String path) throws IOException {
        return PooledExchange.call(
                pool,
                backend -> {
                    URI uri = URI.create("http://" + backend.host() + ":" + backend.port() + path);
                    try {
                        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new InterruptedIOException("interrupted");
                    }
                },
                HttpResponse::statusCode);
    }

    /** A status and a body. */
    record Answer(int status, String body) {}

    /** A GET by Apache's client, whose own retries are to be off: {@code disableAutomaticRetries()}. */
    static Answer get(CloseableHttpClient http, LoadBalancer pool, String path) throws IOException {
        return PooledExchange.call(
                pool,
                backend -> http.execute(
                        new HttpGet("http://" + backend.host() + ":" + backend.port() + path),
                        response -> new Answer(response.getCode(), EntityUtils.toString(response.getEntity()))),
                Answer::status);
    }
}
