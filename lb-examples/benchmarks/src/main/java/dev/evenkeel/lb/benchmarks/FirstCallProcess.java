package dev.evenkeel.lb.benchmarks;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** The process of {@link FirstCall}: makes one call and prints the milliseconds and the number of classes that were loaded. */
public final class FirstCallProcess {

    private FirstCallProcess() {}

    /**
     * Runs.
     *
     * @param args which client, and the server
     * @throws IOException if the call fails
     */
    public static void main(String[] args) throws IOException {
        long beganNanos = System.nanoTime();
        if (args[0].equals(FirstCall.PLAIN)) {
            call(new OkHttpClient(), args[1] + "/");
        } else {
            LoadBalancer users =
                    LoadBalancers.builder("users").backends(args[1]).build();
            call(LoadBalancing.attach(new OkHttpClient(), users), "http://users/");
        }
        double millis = (System.nanoTime() - beganNanos) / 1e6;
        System.out.printf(
                Locale.ROOT,
                "%.1f %d%n",
                millis,
                ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount());
        System.exit(0); // OkHttp's threads would keep it for a minute.
    }

    private static void call(OkHttpClient client, String url) throws IOException {
        try (Response response =
                client.newCall(new Request.Builder().url(url).build()).execute()) {
            if (!response.body().string().equals("ok")) {
                throw new IOException("unexpected answer");
            }
        }
    }
}
