package dev.evenkeel.lb.examples.quickstart;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.document.PoolDocument;
import dev.evenkeel.lb.examples.quickstart.Options.Http;
import dev.evenkeel.lb.examples.quickstart.Options.UsageException;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Calls servers that are there already, as a configuration describes them. */
final class ExistingServers {
    private static final Duration FOR_EVER = Duration.ofDays(365);

    private ExistingServers() {}

    static int run(Options options, Path config, HttpUrl url, Board board)
            throws UsageException, IOException, InterruptedException {
        OkHttpClient plain = client(options, url);
        List<LoadBalancer> pools = PoolDocument.load(config);
        try {
            checkClaimed(url, pools);
            OkHttpClient client = LoadBalancing.attach(plain, pools.toArray(LoadBalancer[]::new));
            Request request = new Request.Builder().url(url).build();
            Tally tally = new Tally();
            Traffic traffic = Traffic.start(
                    client,
                    request,
                    options.http() == Http.TWO ? ExistingServers::notHttp2 : Traffic.Check.NONE,
                    tally,
                    options.concurrency(),
                    options.requests());
            Run run = new Run(board, tally, traffic, pools);
            try {
                run.showUntil(FOR_EVER);
                return run.end();
            } finally {
                traffic.stop();
                client.connectionPool().evictAll();
            }
        } finally {
            pools.forEach(LoadBalancer::close);
        }
    }

    private static OkHttpClient client(Options options, HttpUrl url) throws UsageException {
        OkHttpClient.Builder client = new OkHttpClient.Builder();
        if (options.http() == Http.ONE) {
            client.protocols(List.of(Protocol.HTTP_1_1));
        } else if (options.http() == Http.TWO && !url.isHttps()) {
            client.protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
        }
        Path certificates = options.certificates();
        if (certificates != null) {
            Certificates.trustOnly(certificates, client);
        }
        return client.build();
    }

    private static void checkClaimed(HttpUrl url, List<LoadBalancer> pools) throws UsageException {
        List<String> names = pools.stream().map(LoadBalancer::name).toList();
        if (names.stream().noneMatch(url.host()::equalsIgnoreCase)) {
            throw new UsageException("the host of --url must be the name of a pool, one of " + String.join(", ", names)
                    + ": \"" + url.host() + "\"");
        }
    }

    private static @Nullable String notHttp2(Response response, String backend) {
        return response.protocol() == Protocol.HTTP_1_1 ? backend + " does not speak HTTP/2" : null;
    }
}
