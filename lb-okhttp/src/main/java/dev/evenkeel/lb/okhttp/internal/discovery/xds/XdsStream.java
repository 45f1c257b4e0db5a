package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import dev.evenkeel.lb.core.internal.log.Secrets;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.UpdateCoalescer;
import java.io.IOException;
import java.util.List;
import okhttp3.Response;
import okio.BufferedSource;

/** One stream: asks, takes answers, says which are accepted, and publishes what they amount to. Used by one thread. */
final class XdsStream {
    private static final int MAX_REASON = 500;
    private static final int MAX_REFUSALS_A_SECOND = 20;
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final InstanceList EMPTY = new InstanceList(List.of(), 0, "");

    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final XdsSubscription subscription;
    private final LoadAssignmentMapper mapper;
    private final RegistryWatch watch;
    private final Secrets secrets;
    private final AnswerTimeout timeout;
    private final GrpcRequestBody body = new GrpcRequestBody(this::open);
    private final AdsRequests requests;

    /** The name of the cluster's load assignment; empty if there is no such cluster, or not yet. Only with CDS. */
    private String service = "";

    /** How many answers in a row were refused in the second that began then. */
    private int refusals;

    private long refusalsSinceNanos;

    private InstanceList current = EMPTY;
    private boolean changed;
    private boolean listed;

    XdsStream(
            XdsSubscription subscription,
            LoadAssignmentMapper mapper,
            RegistryWatch watch,
            Secrets secrets,
            AnswerTimeout timeout) {
        this.subscription = subscription;
        this.mapper = mapper;
        this.watch = watch;
        this.secrets = secrets;
        this.timeout = timeout;
        this.requests = new AdsRequests(subscription.node(), subscription.delta(), body::send);
    }

    GrpcRequestBody requestBody() {
        return body;
    }

    /** Lets go of the stream, whatever has become of it. */
    void end() {
        timeout.stop();
        body.end();
    }

    /** Whether the stream has brought a list. */
    boolean hasListed() {
        return listed;
    }

    private void open() throws IOException {
        timeout.start();
        requests.subscribe(subscription.cds() ? XdsType.CLUSTER : XdsType.ENDPOINTS, subscription.cluster());
    }

    /** Reads the stream to its end. */
    boolean read(Response response, BufferedSource source) throws IOException {
        GrpcAnswer answer = new GrpcAnswer(response, source);
        UpdateCoalescer publication = new UpdateCoalescer(watch, answer::hasMore, () -> current);
        try {
            messages(answer, publication);
        } finally {
            publication.now();
        }
        return true;
    }

    private void messages(GrpcAnswer answer, UpdateCoalescer publication) throws IOException {
        while (true) {
            byte[] message = answer.next();
            if (message == null) {
                return;
            }
            try {
                take(subscription.delta() ? DiscoveryAnswer.delta(message) : DiscoveryAnswer.stateOfTheWorld(message));
            } finally {
                // Also if the server has ended the stream, so that the list cannot be acknowledged.
                if (changed) {
                    changed = false;
                    listed = true;
                    publication.changed();
                }
            }
            publication.whenQuiet();
        }
    }

    private void take(DiscoveryAnswer answer) throws IOException {
        for (XdsType type : XdsType.values()) {
            if (type.url().equals(answer.typeUrl()) && !requests.name(type).isEmpty()) {
                take(type, answer);
                return;
            }
        }
        LOG.log(
                System.Logger.Level.TRACE,
                () -> "cluster " + subscription.cluster() + ": an answer that was not asked for is ignored: "
                        + secrets.clean(answer.typeUrl(), MAX_REASON));
    }

    private void take(XdsType type, DiscoveryAnswer answer) throws IOException {
        try {
            switch (type) {
                case CLUSTER -> cluster(answer);
                case ENDPOINTS -> endpoints(answer);
            }
        } catch (MalformedAnswerException e) {
            requests.refuse(type, answer, secrets.clean(String.valueOf(e.getMessage()), MAX_REASON));
            watch.refused(e);
            if (areTooManyRefused()) {
                throw e;
            }
            return;
        }
        refusals = 0;
        requests.accept(type, answer);
        if (type == XdsType.CLUSTER) {
            follow();
        }
    }

    /** A control plane that answers each refusal with another bad answer is left, and asked again after a pause. */
    private boolean areTooManyRefused() {
        long nowNanos = watch.nanoTime();
        if (refusals == 0 || nowNanos - refusalsSinceNanos >= SECOND_NANOS) {
            refusals = 0;
            refusalsSinceNanos = nowNanos;
        }
        return ++refusals > MAX_REFUSALS_A_SECOND;
    }

    // Cluster.

    private void cluster(DiscoveryAnswer answer) throws MalformedAnswerException {
        String found = "";
        for (DiscoveryAnswer.Resource resource : answer.resources()) {
            String named = ClusterParser.endpointsOf(checked(resource, XdsType.CLUSTER), subscription.cluster());
            found = named == null ? found : named;
        }
        boolean gone = subscription.delta()
                ? answer.removed().contains(subscription.cluster())
                : !service.isEmpty(); // A state of the world has all clusters.
        if (!found.isEmpty() || gone) {
            service = found;
        }
    }

    private void follow() throws IOException {
        String before = requests.name(XdsType.ENDPOINTS);
        if (service.equals(before)) {
            return;
        }
        requests.subscribe(XdsType.ENDPOINTS, service);
        if (service.isEmpty()) {
            list(EMPTY);
        } else {
            timeout.start();
        }
    }

    // Endpoints.

    private void endpoints(DiscoveryAnswer answer) throws MalformedAnswerException {
        String wanted = requests.name(XdsType.ENDPOINTS);
        LoadAssignment found = null;
        for (DiscoveryAnswer.Resource resource : answer.resources()) {
            LoadAssignment assignment = LoadAssignmentParser.parse(checked(resource, XdsType.ENDPOINTS), wanted);
            found = assignment == null ? found : assignment;
        }
        if (found != null) {
            list(mapper.list(found));
        } else if (answer.removed().contains(wanted)) {
            list(EMPTY);
        }
    }

    private void list(InstanceList found) {
        current = found;
        changed = true;
        // A list may stay as it is for days. That the server is there is told by HTTP/2's pings.
        timeout.stop();
    }

    private static ProtoReader checked(DiscoveryAnswer.Resource resource, XdsType type)
            throws MalformedAnswerException {
        if (!resource.typeUrl().equals(type.url())) {
            throw new MalformedAnswerException("a resource must be of the type of its answer, " + type.url() + ": \""
                    + Messages.quoted(resource.typeUrl()) + "\"");
        }
        return resource.message();
    }
}
