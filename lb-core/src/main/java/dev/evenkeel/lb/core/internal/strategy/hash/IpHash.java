package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.internal.strategy.rotation.WeightedRotation;
import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * nginx's {@code ip_hash}: the same function, the same walk over the weights in the order of the list, the same further
 * tries and then weighted round robin. So a client has the same backend here as behind an nginx with the same list.
 *
 * <p>nginx's hash has 6,271 values, taken modulo the sum of the weights, which are whole. A larger sum would leave the last
 * backends without a client, and parts of a whole, as most backends of a pool in slow start have them, would leave nearly
 * all clients to the first. So there the same octets go through {@link XxHash64} instead.
 */
public final class IpHash implements LoadBalancingStrategy {

    public static final IpHash INSTANCE = new IpHash();

    private static final int VALUES = 6_271;
    private static final int MAX_RETRIES = 20;

    private IpHash() {}

    @Override
    public Picker newPicker(PickerContext context) {
        return new Table(context);
    }

    @Override
    public boolean usesWeights() {
        return true;
    }

    @Override
    public @Nullable Object affinity(RequestContext request) {
        InetAddress address = request.clientAddress();
        return address == null ? null : hash(89, address);
    }

    @Override
    public String name() {
        return "ipHash";
    }

    /** One round of the function over an address. */
    static int hash(int start, InetAddress address) {
        byte[] octets = address.getAddress();
        if (octets.length == 4) {
            return next(next(next(start, octets[0]), octets[1]), octets[2]);
        }
        int hash = start;
        for (byte octet : octets) {
            hash = next(hash, octet);
        }
        return hash;
    }

    private static int next(int hash, int octet) {
        return (hash * 113 + (octet & 0xFF)) % VALUES;
    }

    private static final class Table implements Picker {
        private final Candidate[] candidates;
        private final HashWeights weights;
        private final Owners owners;
        private final WeightedRotation rotation;

        Table(PickerContext context) {
            Table before = context.predecessor() instanceof Table previous ? previous : null;
            candidates = context.candidates().toArray(Candidate[]::new);
            CandidateListDiff takeover =
                    CandidateListDiff.of(before == null ? null : before.candidates, context, candidates);
            weights = HashWeights.of(candidates, before == null ? null : before.weights, takeover);
            owners = new Owners(weights.base);
            rotation = WeightedRotation.of(
                    candidates, weights.effective, context.random(), before == null ? null : before.rotation, takeover);
        }

        @Override
        public @Nullable Candidate pick(PickRequest request) {
            InetAddress address = request.clientAddress();
            return owners.needFinerHash() ? pickOfMany(address, request) : pickAsNginx(address, request);
        }

        private @Nullable Candidate pickAsNginx(@Nullable InetAddress address, PickRequest request) {
            int hash = 89;
            for (int retry = 0; retry <= MAX_RETRIES; retry++) {
                // A client without an address hashes as nginx's client of a Unix socket, 0.0.0.
                hash = address == null ? next(next(next(hash, 0), 0), 0) : hash(hash, address);
                int owner = owners.of(hash);
                if (weights.admits(owner, hash) && request.accepts(candidates[owner])) {
                    return candidates[owner];
                }
            }
            return rotation.pick(request);
        }

        private @Nullable Candidate pickOfMany(@Nullable InetAddress address, PickRequest request) {
            long hash = address == null ? 0 : octets(address);
            for (int retry = 0; retry <= MAX_RETRIES; retry++) {
                hash = XxHash64.mix(hash + 1);
                int owner = owners.of((hash >>> 11) * 0x1p-53);
                if (weights.admits(owner, hash) && request.accepts(candidates[owner])) {
                    return candidates[owner];
                }
            }
            return rotation.pick(request);
        }
    }

    /** Of IPv4 the first three, as in nginx. */
    private static long octets(InetAddress address) {
        byte[] octets = address.getAddress();
        if (octets.length == 4) {
            return (octets[0] & 0xFFL) << 16 | (octets[1] & 0xFFL) << 8 | (octets[2] & 0xFFL);
        }
        ByteBuffer halves = ByteBuffer.wrap(octets);
        return XxHash64.mix(halves.getLong()) ^ halves.getLong();
    }

    /** The owner of each value of the hash: on the number line from 0 to the total of the weights. */
    private static final class Owners {
        private final Weights weights;
        /** The total of the weights; 0 if it is more than the values of nginx's hash, or if a weight is not whole. */
        private final int total;
        /** By value of nginx's hash. Null if all weights are equal: then a division finds the owner. */
        private final int @Nullable [] table;
        /** Where each part of the line ends. Null if nginx's hash will do, or all weights are equal. */
        private final double @Nullable [] ends;

        Owners(Weights weights) {
            this.weights = weights;
            double sum = weights.sum();
            this.total = sum <= VALUES && areWhole(weights) ? (int) sum : 0;
            this.table = weights.areEven() || needFinerHash() ? null : table();
            this.ends = weights.areEven() || !needFinerHash() ? null : ends();
        }

        private static boolean areWhole(Weights weights) {
            int different = weights.areEven() ? 1 : weights.size();
            for (int i = 0; i < different; i++) {
                if (weights.get(i) != Math.rint(weights.get(i))) {
                    return false;
                }
            }
            return true;
        }

        /** Whether nginx's hash, of {@link #VALUES} whole numbers, is too coarse for these weights. */
        boolean needFinerHash() {
            return total == 0;
        }

        /** The owner of a value of nginx's hash; values beyond the end of the line start again at 0. */
        int of(int value) {
            return table != null ? table[value] : value % total / (int) weights.get(0);
        }

        /** The owner of a point of the line, which is from 0 to 1 here. */
        int of(double point) {
            int last = weights.size() - 1;
            if (ends == null) {
                return Math.min(last, (int) (point * weights.size()));
            }
            int found = Arrays.binarySearch(ends, point * ends[last]);
            return Math.min(last, found >= 0 ? found + 1 : -found - 1);
        }

        private int[] table() {
            int[] owners = new int[VALUES];
            int owner = 0;
            double end = weights.get(0);
            for (int value = 0; value < VALUES; value++) {
                if (value >= total) {
                    owners[value] = owners[value % total];
                    continue;
                }
                while (value >= end) {
                    end += weights.get(++owner);
                }
                owners[value] = owner;
            }
            return owners;
        }

        private double[] ends() {
            double[] ends = new double[weights.size()];
            double end = 0;
            for (int i = 0; i < ends.length; i++) {
                end += weights.get(i);
                ends[i] = end;
            }
            return ends;
        }
    }
}
