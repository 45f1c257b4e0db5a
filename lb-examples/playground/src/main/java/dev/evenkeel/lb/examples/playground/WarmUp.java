package dev.evenkeel.lb.examples.playground;

import java.io.IOException;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Calls each server a few times with a client of its own. The first calls of a process load classes for half a second, and the
 * pools would hold that against the servers that had them.
 */
final class WarmUp {
    private static final int CALLS = 5;

    private WarmUp() {}

    static void call(List<Pair> pairs) throws IOException {
        OkHttpClient client = new OkHttpClient();
        try {
            for (Pair pair : pairs) {
                for (int fleet = 0; fleet < 2; fleet++) {
                    Request request =
                            new Request.Builder().url(pair.server(fleet).uri()).build();
                    for (int i = 0; i < CALLS; i++) {
                        try (Response response = client.newCall(request).execute()) {
                            response.body().bytes();
                        }
                    }
                }
            }
        } finally {
            client.connectionPool().evictAll();
        }
    }
}
