package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryBackoff;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServers;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistrySession;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** Follows one cluster over ADS: each round is a stream, from its opening to its end. */
public final class XdsSession implements RegistrySession {
    private static final String SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService/";
    /** How long a control plane may take for the first list, if the client has a longer read timeout. */
    private static final Duration MAX_FIRST = Duration.ofMinutes(1);
    /** A stream that ends within this time has not worked well, even if it brought a list. */
    private static final Duration EARLY = Duration.ofSeconds(5);

    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final RegistryClient client;
    private final RegistryServers servers;
    private final XdsSubscription subscription;
    private final LoadAssignmentMapper mapper;
    private final @Nullable Supplier<String> token;
    private final RegistryBackoff backoff;

    /** How many streams in a row have ended early. */
    private int earlyEnds;

    public XdsSession(
            RegistryClient client,
            RegistryServers servers,
            XdsSubscription subscription,
            LoadAssignmentMapper mapper,
            @Nullable Supplier<String> token,
            RegistryBackoff backoff) {
        this.client = client;
        this.servers = servers;
        this.subscription = subscription;
        this.mapper = mapper;
        this.token = token;
        this.backoff = backoff;
    }

    @Override
    public Duration round(RegistryWatch watch) throws IOException {
        Duration patience = client.requestTimeout(MAX_FIRST);
        AnswerTimeout timeout = new AnswerTimeout(patience, client::cancel);
        XdsStream stream = new XdsStream(subscription, mapper, watch, client.secrets(), timeout);
        long startNanos = watch.nanoTime();
        try {
            client.follow(request(stream), patience, (response, body) -> {
                watch.opened();
                return stream.read(response, body);
            });
        } catch (MalformedAnswerException e) {
            servers.moveOn();
            throw e;
        } catch (IOException e) {
            servers.moveOn();
            if (!stream.hasListed()) {
                throw timeout.hasExpired() ? silent(patience, e) : e;
            }
            LOG.log(System.Logger.Level.TRACE, "cluster " + subscription.cluster() + ": the stream broke off");
        } finally {
            stream.end();
        }
        boolean early = watch.nanoTime() - startNanos < EARLY.toNanos();
        earlyEnds = early ? earlyEnds + 1 : 0;
        return earlyEnds == 0 ? backoff.resume(watch.random()) : backoff.after(earlyEnds, watch.random());
    }

    private IOException silent(Duration patience, IOException cause) {
        return new IOException(
                "the control plane has sent no endpoints of cluster " + subscription.cluster() + " within "
                        + patience.toMillis() + " ms",
                cause);
    }

    private Request request(XdsStream stream) {
        RegistryServer server = servers.current();
        String method = subscription.delta() ? "DeltaAggregatedResources" : "StreamAggregatedResources";
        Request.Builder request = server.request(server.path(SERVICE + method).build())
                .removeHeader("Accept")
                .header("TE", "trailers")
                .header("Accept-Encoding", "identity")
                .header("grpc-accept-encoding", "identity")
                .post(stream.requestBody());
        if (token != null) {
            request.header("Authorization", "Bearer " + Messages.secret("the token", token.get()));
        }
        return request.build();
    }
}
