package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request that a test describes. One thread at a time; its fields may be changed between two picks. */
public final class FakeRequest implements PickRequest {
    @Nullable
    String affinityKey;

    @Nullable
    InetAddress clientAddress;

    Set<Candidate> tried = Set.of();
    public long nowNanos;

    public static FakeRequest any() {
        return new FakeRequest();
    }

    public static FakeRequest withKey(String key) {
        FakeRequest request = new FakeRequest();
        request.affinityKey = key;
        return request;
    }

    public static FakeRequest from(InetAddress address) {
        FakeRequest request = new FakeRequest();
        request.clientAddress = address;
        return request;
    }

    public FakeRequest afterTrying(Candidate... candidates) {
        tried = Set.of(candidates);
        return this;
    }

    @Override
    public boolean accepts(Candidate candidate) {
        return candidate.isAvailable() && !(!tried.isEmpty() && tried.contains(candidate));
    }

    @Override
    public long nowNanos() {
        return nowNanos;
    }

    @Override
    public @Nullable String affinityKey() {
        return affinityKey;
    }

    @Override
    public @Nullable InetAddress clientAddress() {
        return clientAddress;
    }

    @Override
    public List<Backend> tried() {
        return tried.stream().map(Candidate::backend).toList();
    }
}
