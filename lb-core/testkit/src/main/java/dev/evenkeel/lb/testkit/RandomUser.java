package dev.evenkeel.lb.testkit;

import dev.evenkeel.lb.RequestContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;

/** A request of another user from another address each time. */
record RandomUser(String affinityKey, InetAddress clientAddress) implements RequestContext {

    static RandomUser of(Random random) {
        byte[] octets = new byte[4];
        random.nextBytes(octets);
        try {
            return new RandomUser("user" + random.nextInt(), InetAddress.getByAddress(octets));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
