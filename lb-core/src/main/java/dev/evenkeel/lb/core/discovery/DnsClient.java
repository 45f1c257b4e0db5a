package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.core.internal.log.Printable;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Queries name servers over UDP, or over TCP if the answer does not fit (RFC 1035, 7766). dnsjava encodes and decodes
 * the messages; its own transport has a thread that a pool could not end.
 */
final class DnsClient implements DnsTransport {
    /** A size that passes every path unfragmented (DNS flag day 2020). */
    private static final int UDP_BYTES = 1_232;

    private static final int ROUNDS = 2;
    private static final int MAX_WARNINGS = 16;
    private static final SecureRandom IDS = new SecureRandom();

    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final DnsSettings settings;
    private final SystemResolvers system;
    private final Set<String> warned = new HashSet<>();
    private volatile boolean closed;
    private volatile @Nullable Closeable open;

    DnsClient(DnsSettings settings) {
        this(settings, SystemResolvers.OF_DNSJAVA);
    }

    DnsClient(DnsSettings settings, SystemResolvers system) {
        this.settings = settings;
        this.system = system;
    }

    /** The name servers of the machine, which can change. */
    interface SystemResolvers {
        SystemResolvers OF_DNSJAVA = new SystemResolvers() {
            @Override
            public List<InetSocketAddress> servers() {
                return ResolverConfig.getCurrentConfig().servers();
            }

            @Override
            public void refresh() {
                ResolverConfig.refresh();
            }
        };

        /** The name servers of the last refresh; a text that is no address is an unresolved one. */
        List<InetSocketAddress> servers();

        void refresh();
    }

    @Override
    public Message ask(Name name, int type) throws IOException {
        Set<String> faults = new LinkedHashSet<>();
        boolean answered = false;
        for (int round = 0; round < ROUNDS && !answered; round++) {
            for (InetSocketAddress server : servers()) {
                try {
                    Message answer = exchange(server, Record.newRecord(name, type, DClass.IN));
                    String fault = fault(answer);
                    if (fault.isEmpty()) {
                        return answer;
                    }
                    answered = true;
                    faults.add(fault + " from " + text(server));
                } catch (IOException e) {
                    faults.add(text(server) + ": " + e);
                }
                if (closed) {
                    throw new IOException("closed");
                }
            }
        }
        if (settings.resolvers().isEmpty()) {
            // The machine may have moved to another network.
            system.refresh();
        }
        throw new IOException("DNS gives no answer for " + Type.string(type) + " " + name + ": "
                + (faults.isEmpty() ? "the system has no name servers" : String.join(", ", faults)));
    }

    private List<InetSocketAddress> servers() {
        if (!settings.resolvers().isEmpty()) {
            return settings.resolvers();
        }
        if (system.servers().stream().anyMatch(InetSocketAddress::isUnresolved)) {
            // The file with the name servers may have been mended.
            system.refresh();
        }
        List<InetSocketAddress> servers = new ArrayList<>();
        for (InetSocketAddress server : system.servers()) {
            if (!server.isUnresolved()) {
                servers.add(server);
            } else if (warned.size() < MAX_WARNINGS && warned.add(server.getHostString())) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "DNS: the system's name server \"" + Printable.of(server.getHostString(), 100)
                                + "\" is no IP address, and is skipped");
            }
        }
        return servers;
    }

    /** The fault of an answer; empty if it states the records, or that there are none. */
    private static String fault(Message answer) {
        int rcode = answer.getRcode();
        if (rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN) {
            return Rcode.string(rcode);
        }
        boolean referral = rcode == Rcode.NOERROR
                && !answer.getHeader().getFlag(Flags.AA)
                && answer.getSection(Section.ANSWER).isEmpty()
                && has(answer, Type.NS)
                && !has(answer, Type.SOA);
        return referral ? "a referral to other servers" : "";
    }

    private static boolean has(Message answer, int type) {
        return answer.getSection(Section.AUTHORITY).stream().anyMatch(record -> record.getType() == type);
    }

    private Message exchange(InetSocketAddress server, Record question) throws IOException {
        Message answer = exchange(server, query(question, true));
        int rcode = answer.getRcode();
        // For servers older than EDNS.
        return rcode == Rcode.FORMERR || rcode == Rcode.NOTIMP ? exchange(server, query(question, false)) : answer;
    }

    private static Message query(Record question, boolean edns) {
        Message query = Message.newQuery(question);
        query.getHeader().setID(IDS.nextInt(0x1_0000));
        if (edns) {
            query.addRecord(new OPTRecord(UDP_BYTES, 0, 0), Section.ADDITIONAL);
        }
        return query;
    }

    private Message exchange(InetSocketAddress server, Message query) throws IOException {
        Message answer = overUdp(server, query);
        return answer.getHeader().getFlag(Flags.TC) ? overTcp(server, query) : answer;
    }

    private Message overUdp(InetSocketAddress server, Message query) throws IOException {
        byte[] wire = query.toWire();
        long deadline = deadline();
        try (DatagramSocket socket = new DatagramSocket()) {
            opened(socket);
            // From now on the kernel drops datagrams of other senders.
            socket.connect(server);
            socket.send(new DatagramPacket(wire, wire.length));
            return awaitAnswer(socket, query, deadline);
        }
    }

    /** Waits past datagrams that answer something else: they are late, or forged. */
    private static Message awaitAnswer(DatagramSocket socket, Message query, long deadline) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
        boolean others = false;
        while (true) {
            try {
                socket.setSoTimeout(millisUntil(deadline));
                socket.receive(packet);
            } catch (SocketTimeoutException e) {
                throw others ? new SocketTimeoutException("no answer in time but to another question") : e;
            }
            byte[] received = Arrays.copyOf(packet.getData(), packet.getLength());
            if (isReply(query, received)) {
                Message answer = new Message(received);
                if (answersTheQuestion(query, answer)) {
                    return answer;
                }
                others = true;
            }
        }
    }

    private Message overTcp(InetSocketAddress server, Message query) throws IOException {
        byte[] wire = query.toWire();
        long deadline = deadline();
        try (Socket socket = new Socket()) {
            opened(socket);
            socket.connect(server, millisUntil(deadline));
            byte[] framed = new byte[wire.length + 2];
            framed[0] = (byte) (wire.length >> 8);
            framed[1] = (byte) wire.length;
            System.arraycopy(wire, 0, framed, 2, wire.length);
            new DataOutputStream(socket.getOutputStream()).write(framed);
            byte[] length = read(socket, 2, deadline);
            byte[] received = read(socket, (length[0] & 0xff) << 8 | (length[1] & 0xff), deadline);
            Message answer = new Message(received);
            if (!isReply(query, received) || !answersTheQuestion(query, answer)) {
                throw new IOException("answer to another question");
            }
            return answer;
        }
    }

    private static byte[] read(Socket socket, int count, long deadline) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] bytes = new byte[count];
        for (int at = 0; at < count; ) {
            socket.setSoTimeout(millisUntil(deadline));
            int read = in.read(bytes, at, count - at);
            if (read < 0) {
                throw new EOFException("answer ends after " + at + " of " + count + " bytes");
            }
            at += read;
        }
        return bytes;
    }

    private static boolean isReply(Message query, byte[] received) {
        int id = query.getHeader().getID();
        return received.length >= 2 && (received[0] & 0xff) == id >> 8 && (received[1] & 0xff) == (id & 0xff);
    }

    private static boolean answersTheQuestion(Message query, Message answer) {
        Record question = answer.getQuestion();
        return answer.getHeader().getFlag(Flags.QR)
                && (question == null ? answer.getRcode() != Rcode.NOERROR : question.equals(query.getQuestion()));
    }

    private void opened(Closeable socket) throws IOException {
        open = socket;
        if (closed) {
            throw new IOException("closed");
        }
    }

    private long deadline() {
        return System.nanoTime() + settings.timeout().toNanos();
    }

    private static int millisUntil(long deadline) throws SocketTimeoutException {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        return (int) millis;
    }

    private static String text(InetSocketAddress server) {
        return AddressFormat.of(server.getAddress()) + ":" + server.getPort();
    }

    @Override
    public void close() {
        closed = true;
        Closeable socket = open;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
