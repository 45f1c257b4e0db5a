package dev.evenkeel.lb.examples.clients;

import com.squareup.wire.GrpcClient;
import com.squareup.wire.GrpcMethod;
import com.squareup.wire.ProtoAdapter;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPredicate.Verdict;
import java.util.List;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Square's Wire over an attached client. */
final class WireClient {
    /** What Wire's compiler makes of {@code rpc Greet (StringValue) returns (StringValue)}. */
    static final GrpcMethod<@Nullable String, @Nullable String> GREET =
            new GrpcMethod<>("/greeter.Greeter/Greet", ProtoAdapter.STRING_VALUE, ProtoAdapter.STRING_VALUE);

    private WireClient() {}

    /** A client for a pool named {@code greeter}, in clear text. */
    static GrpcClient of(LoadBalancer greeter) {
        RetryPolicy retries = RetryPolicy.standard().toBuilder()
                .when(failure -> isUnavailable(failure.response()) ? Verdict.RETRY : Verdict.UNDECIDED)
                .build();
        OkHttpClient client = LoadBalancing.builder()
                .pools(greeter)
                .retries(retries)
                .attach(new OkHttpClient.Builder()
                        .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                        .build());
        return new GrpcClient.Builder()
                .client(client)
                .baseUrl("http://greeter/")
                .build();
    }

    /** Whether a response is UNAVAILABLE without any message: then the status is in the headers, not in trailers. */
    private static boolean isUnavailable(@Nullable Response response) {
        return response != null && "14".equals(response.header("grpc-status"));
    }
}
