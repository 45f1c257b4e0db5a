package dev.evenkeel.lb.examples.prototype;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * One request of the script.
 *
 * @param method such as {@code GET}
 * @param text the URL as it is written there; OkHttp's may be another
 * @param url where to
 * @param pool which it belongs to, or {@link #NONE}
 */
record Step(String method, String text, HttpUrl url, String pool) {
    /** No pool. */
    static final String NONE = "none";

    private static final List<String> WITH_BODY = List.of("POST", "PUT", "PATCH");

    /** Reads a script. */
    static List<Step> read(Path file) throws IOException {
        List<Step> steps = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            List<String> words = List.of(line.trim().split(" +", -1));
            HttpUrl url = words.size() == 3 ? HttpUrl.parse(words.get(1)) : null;
            if (url == null) {
                throw new IOException("a line of " + file + " must be method, URL and pool: \"" + line + "\"");
            }
            steps.add(new Step(words.get(0), words.get(1), url, words.get(2)));
        }
        return steps;
    }

    /** The request, to its own URL or to another one. */
    Request request(HttpUrl to) {
        RequestBody body = WITH_BODY.contains(method) ? RequestBody.create(new byte[] {'x'}, null) : null;
        return new Request.Builder().url(to).method(method, body).build();
    }
}
