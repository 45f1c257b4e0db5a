package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer of a control plane: a {@code DiscoveryResponse} or a {@code DeltaDiscoveryResponse}.
 *
 * @param typeUrl what kind of resources it has
 * @param version of the resources; in a delta, for people only
 * @param nonce names the answer
 * @param resources the resources, unread
 * @param removed names of resources that are gone; only in a delta
 */
record DiscoveryAnswer(String typeUrl, String version, String nonce, List<Resource> resources, List<String> removed) {
    /** A source asks for one resource of each type. Some control planes send all that they have. */
    static final int MAX_RESOURCES = 10_000;

    private static final String WRAPPER = "type.googleapis.com/envoy.service.discovery.v3.Resource";

    /**
     * One resource.
     *
     * @param typeUrl its type
     * @param message can be read once
     */
    record Resource(String typeUrl, ProtoReader message) {}

    static DiscoveryAnswer stateOfTheWorld(byte[] message) throws MalformedAnswerException {
        String version = "";
        String typeUrl = "";
        String nonce = "";
        List<Resource> resources = new ArrayList<>();
        ProtoReader in = ProtoReader.of(message);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> version = in.text();
                case 2 -> add(resources, any(in.message()));
                case 4 -> typeUrl = in.text();
                case 5 -> nonce = in.text();
                default -> in.skip();
            }
        }
        return new DiscoveryAnswer(typeUrl, version, nonce, resources, List.of());
    }

    static DiscoveryAnswer delta(byte[] message) throws MalformedAnswerException {
        String version = "";
        String typeUrl = "";
        String nonce = "";
        List<Resource> resources = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        ProtoReader in = ProtoReader.of(message);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> version = in.text();
                case 2 -> add(resources, wrapped(in.message()));
                case 4 -> typeUrl = in.text();
                case 5 -> nonce = in.text();
                case 6 -> add(removed, in.text());
                default -> in.skip();
            }
        }
        return new DiscoveryAnswer(typeUrl, version, nonce, resources, removed);
    }

    /** A {@code google.protobuf.Any}. Control planes that give resources a time to live wrap them. */
    private static Resource any(ProtoReader in) throws MalformedAnswerException {
        Resource resource = bare(in);
        return resource.typeUrl.equals(WRAPPER) ? wrapped(resource.message) : resource;
    }

    private static Resource bare(ProtoReader in) throws MalformedAnswerException {
        String typeUrl = "";
        ProtoReader value = ProtoReader.of(new byte[0]);
        while (in.next()) {
            switch (in.field()) {
                case 1 -> typeUrl = in.text();
                case 2 -> value = in.message();
                default -> in.skip();
            }
        }
        return new Resource(typeUrl, value);
    }

    /** An {@code envoy.service.discovery.v3.Resource}. */
    private static Resource wrapped(ProtoReader in) throws MalformedAnswerException {
        Resource resource = new Resource("", ProtoReader.of(new byte[0]));
        while (in.next()) {
            if (in.field() == 2) {
                resource = bare(in.message());
            } else {
                in.skip();
            }
        }
        return resource;
    }

    private static <E> void add(List<E> list, E element) throws MalformedAnswerException {
        if (list.size() == MAX_RESOURCES) {
            throw new MalformedAnswerException("an answer must have at most " + MAX_RESOURCES + " resources");
        }
        list.add(element);
    }
}
