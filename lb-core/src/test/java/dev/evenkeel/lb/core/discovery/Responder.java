package dev.evenkeel.lb.core.discovery;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** A name server that says exactly what the test wants, however wrong. */
final class Responder implements AutoCloseable {
    final AtomicInteger queries = new AtomicInteger();

    private final DatagramSocket udp;
    private final ServerSocket tcp;

    /** What is sent for a query, packet by packet; over TCP the first alone, as it is, without the length before it. */
    interface Script {
        List<byte[]> answer(Message query, int number) throws IOException;
    }

    Responder(Script overUdp) throws IOException {
        this(overUdp, (query, number) -> List.of());
    }

    Responder(Script overUdp, Script overTcp) throws IOException {
        tcp = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        udp = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress());
        daemon(() -> serveUdp(overUdp));
        daemon(() -> serveTcp(overTcp));
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "responder");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(udp.getLocalAddress(), udp.getLocalPort());
    }

    private void serveUdp(Script script) {
        DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
        try {
            while (true) {
                udp.receive(packet);
                Message query = new Message(Arrays.copyOf(packet.getData(), packet.getLength()));
                for (byte[] answer : script.answer(query, queries.incrementAndGet())) {
                    udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            }
        } catch (SocketException e) {
            return;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void serveTcp(Script script) {
        while (!tcp.isClosed()) {
            try (Socket socket = tcp.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] query = new byte[in.readUnsignedShort()];
                in.readFully(query);
                for (byte[] answer : script.answer(new Message(query), queries.incrementAndGet())) {
                    socket.getOutputStream().write(answer);
                }
            } catch (IOException e) {
                continue;
            }
        }
    }

    /** A good answer, to be spoilt. */
    static Message answer(Message query, String... records) {
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.AA);
        answer.addRecord(query.getQuestion(), Section.QUESTION);
        for (String line : records) {
            Record record = FakeZone.record(line);
            answer.addRecord(record, Section.ANSWER);
        }
        return answer;
    }

    static byte[] framed(byte[] wire) {
        byte[] framed = new byte[wire.length + 2];
        framed[0] = (byte) (wire.length >> 8);
        framed[1] = (byte) wire.length;
        System.arraycopy(wire, 0, framed, 2, wire.length);
        return framed;
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}
