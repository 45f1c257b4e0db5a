package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import okio.ByteString;

/**
 * What one stream asks for: subscriptions, and the word for each answer whether it was accepted (ACK) or refused (NACK).
 * A stream begins without versions, so that a control plane sends what it has. Used by one thread.
 */
final class AdsRequests {
    private static final int INVALID_ARGUMENT = 3;

    private final XdsNode node;
    private final boolean delta;
    private final Sender sender;
    private final Map<XdsType, Subscription> subscriptions = new EnumMap<>(XdsType.class);
    private boolean introduced;

    /** What is wanted of one type, and which answer was the last. */
    private static final class Subscription {
        private String name = "";
        private String version = "";
        private String nonce = "";
    }

    AdsRequests(XdsNode node, boolean delta, Sender sender) {
        this.node = node;
        this.delta = delta;
        this.sender = sender;
    }

    /** Asks for one resource in place of the one before; for none if the name is empty. */
    void subscribe(XdsType type, String name) throws IOException {
        Subscription subscription = subscriptions.computeIfAbsent(type, unused -> new Subscription());
        String before = subscription.name;
        if (before.equals(name)) {
            return;
        }
        subscription.name = name;
        send(
                delta
                        ? deltaRequest(type).text(3, name).text(4, before)
                        : worldRequest(type, subscription, subscription.nonce));
    }

    /** The name that is subscribed to; empty if there is none. */
    String name(XdsType type) {
        Subscription subscription = subscriptions.get(type);
        return subscription == null ? "" : subscription.name;
    }

    void accept(XdsType type, DiscoveryAnswer answer) throws IOException {
        Subscription subscription = answered(type, answer);
        subscription.version = answer.version();
        send(delta ? deltaRequest(type).text(6, answer.nonce()) : worldRequest(type, subscription, answer.nonce()));
    }

    /** Names the last version that was accepted, and says why this one is not. */
    void refuse(XdsType type, DiscoveryAnswer answer, String reason) throws IOException {
        Subscription subscription = answered(type, answer);
        ProtoWriter status = new ProtoWriter().varint(1, INVALID_ARGUMENT).text(2, reason);
        send(
                delta
                        ? deltaRequest(type).text(6, answer.nonce()).message(7, status)
                        : worldRequest(type, subscription, answer.nonce()).message(6, status));
    }

    private Subscription answered(XdsType type, DiscoveryAnswer answer) {
        Subscription subscription = subscriptions.computeIfAbsent(type, unused -> new Subscription());
        subscription.nonce = answer.nonce();
        return subscription;
    }

    /** A {@code DiscoveryRequest}, which always names everything that is wanted of a type. */
    private ProtoWriter worldRequest(XdsType type, Subscription subscription, String nonce) {
        ProtoWriter request = new ProtoWriter().text(1, subscription.version);
        if (!introduced) {
            request.message(2, node.message());
        }
        return request.text(3, subscription.name).text(4, type.url()).text(5, nonce);
    }

    /** The beginning of a {@code DeltaDiscoveryRequest}, which names what changes. */
    private ProtoWriter deltaRequest(XdsType type) {
        ProtoWriter request = new ProtoWriter();
        if (!introduced) {
            request.message(1, node.message());
        }
        return request.text(2, type.url());
    }

    private void send(ProtoWriter request) throws IOException {
        introduced = true;
        sender.send(request.bytes());
    }

    /** Sends a message on the stream. */
    @FunctionalInterface
    interface Sender {
        void send(ByteString message) throws IOException;
    }
}
