package dev.evenkeel.lb.benchmarks.subject;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * One thread's requests: the same few keys in turn, made beforehand, so that a pick is not charged for making its key; and
 * the calls that it has in flight in {@link Mode#BUSY}.
 */
@State(Scope.Thread)
public class Requests {
    /** The calls that a thread has in flight in {@link Mode#BUSY}. */
    public static final int HELD = 32;

    static final int KEYS = 1024;

    private final Request[] requests = new Request[KEYS];
    private final Blind[] blind = new Blind[KEYS];
    private int next;

    private final @Nullable Lease[] held = new Lease[HELD];
    private int oldest;

    /** Makes the keys, of 16 hexadecimal digits. */
    public Requests() {
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < KEYS; i++) {
            requests[i] = new Request(i, String.format("%016x", random.nextLong()), address(random.nextInt()));
            blind[i] = new Blind(requests[i]);
        }
    }

    Request next() {
        return requests[next++ & (KEYS - 1)];
    }

    /** One that accepts any chosen backend without a look at it. */
    Blind nextBlind() {
        return blind[next++ & (KEYS - 1)];
    }

    /** Puts a call in flight and returns the one that has been for longest, or null if there are fewer than HELD. */
    @Nullable
    Lease hold(Lease lease) {
        int index = oldest++ & (HELD - 1);
        Lease before = held[index];
        held[index] = lease;
        return before;
    }

    private static InetAddress address(int bits) {
        byte[] bytes = {(byte) (bits >> 24), (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits};
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** The least a picker can be given: nothing was tried, and any available backend is accepted. */
    static final class Request implements PickRequest {
        private final int slot;
        private final String key;
        private final InetAddress address;
        private final long nowNanos = System.nanoTime();

        Request(int slot, String key, InetAddress address) {
            this.slot = slot;
            this.key = key;
            this.address = address;
        }

        /** Its number among the thread's requests. */
        int slot() {
            return slot;
        }

        @Override
        public String affinityKey() {
            return key;
        }

        @Override
        public InetAddress clientAddress() {
            return address;
        }

        @Override
        public List<Backend> tried() {
            return RequestContext.NONE.tried();
        }

        @Override
        public boolean accepts(Candidate candidate) {
            return candidate.isAvailable();
        }

        @Override
        public long nowNanos() {
            return nowNanos;
        }
    }

    /** The same request for a client that takes what comes, as it is with peers who keep no limit of a backend. */
    record Blind(Request request) implements PickRequest {
        @Override
        public String affinityKey() {
            return request.key;
        }

        @Override
        public InetAddress clientAddress() {
            return request.address;
        }

        @Override
        public List<Backend> tried() {
            return request.tried();
        }

        @Override
        public boolean accepts(Candidate candidate) {
            return true;
        }

        @Override
        public long nowNanos() {
            return request.nowNanos;
        }
    }
}
