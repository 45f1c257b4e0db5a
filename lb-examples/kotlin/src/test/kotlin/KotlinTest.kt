package dev.evenkeel.lb.examples.kotlin

import dev.evenkeel.lb.LoadBalancer
import dev.evenkeel.lb.core.LoadBalancers
import dev.evenkeel.lb.okhttp.LoadBalancing
import dev.evenkeel.lb.okhttp.retry.HedgePolicy
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine
import mockwebserver3.MockResponse
import mockwebserver3.MockWebServer
import okhttp3.Call
import okhttp3.Callback
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.Response
import org.assertj.core.api.Assertions.assertThat
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

fun attach(users: LoadBalancer): OkHttpClient = LoadBalancing.attach(OkHttpClient(), users)

/** Hedged calls, for Retrofit's callFactory and whatever else takes one. */
fun hedged(client: OkHttpClient): Call.Factory = LoadBalancing.hedging(client, HedgePolicy.standard())

/** Suspends until the head of the response is there; cancelling the coroutine cancels the call. */
suspend fun Call.await(): Response = suspendCancellableCoroutine { continuation ->
    continuation.invokeOnCancellation { cancel() }
    enqueue(object : Callback {
        override fun onResponse(call: Call, response: Response) {
            continuation.resume(response) { _, late, _ -> late.close() }
        }

        override fun onFailure(call: Call, e: IOException) {
            continuation.resumeWithException(e)
        }
    })
}

suspend fun Call.Factory.get(url: String): String =
    newCall(Request.Builder().url(url).build()).await().use { it.body.string() }

/** The Kotlin of docs/clients.md. */
@Timeout(60)
class KotlinTest {
    private val servers = List(2) { MockWebServer() }
    private lateinit var users: LoadBalancer

    @BeforeEach
    fun start() {
        servers.forEach { it.start() }
        users = LoadBalancers.builder("users")
            .backends(*servers.map { "http://127.0.0.1:${it.port}" }.toTypedArray())
            .build()
    }

    @AfterEach
    fun close() {
        users.close()
        servers.forEach { it.close() }
    }

    @Test
    fun `coroutines run side by side over the pool`() = runBlocking<Unit> {
        servers.forEach { server -> repeat(8) { server.enqueue(MockResponse.Builder().body("hello").build()) } }
        val client = attach(users)

        val answers = List(8) { async { client.get("http://users/x") } }.awaitAll()

        assertThat(answers).containsOnly("hello").hasSize(8)
        assertThat(users.snapshot().inFlight()).isZero()
    }

    @Test
    fun `a cancelled coroutine cancels its call and ends the lease`() = runBlocking<Unit> {
        servers.forEach { server ->
            server.enqueue(MockResponse.Builder().headersDelay(1, TimeUnit.MINUTES).build())
        }
        val client = attach(users)

        val job = launch { client.get("http://users/x") }
        while (users.snapshot().inFlight() == 0) {
            delay(5)
        }
        job.cancel()
        job.join()

        while (users.snapshot().inFlight() != 0) {
            delay(5)
        }
        assertThat(job.isCancelled).isTrue()
    }

    @Test
    fun `a hedging factory is a call factory`() = runBlocking<Unit> {
        servers.forEach { it.enqueue(MockResponse.Builder().body("hello").build()) }

        assertThat(hedged(attach(users)).get("http://users/x")).isEqualTo("hello")
    }

    @Test
    fun `the page shows this file`() {
        val squeezed = { text: String -> text.replace(Regex("\\s+"), "") }
        val source = squeezed(Files.readString(Path.of("src/test/kotlin/KotlinTest.kt")))
        val blocks = Regex("```kotlin\\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
            .findAll(Files.readString(Path.of("../../lb-okhttp/docs/clients.md")))
            .map { squeezed(it.groupValues[1]) }
            .toList()

        assertThat(blocks).isNotEmpty().allSatisfy { assertThat(source).contains(it) }
    }
}
