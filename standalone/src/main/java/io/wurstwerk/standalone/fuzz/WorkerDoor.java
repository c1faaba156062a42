package io.wurstwerk.standalone.fuzz;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.wurstwerk.triton.protocol.GRPCInferenceServiceGrpc;
import io.wurstwerk.triton.protocol.InferParameter;
import io.wurstwerk.triton.protocol.ModelInferRequest;
import io.wurstwerk.triton.protocol.ModelInferRequest.InferInputTensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The worker's gRPC port: messages as bytes, so that they need not be messages. */
final class WorkerDoor implements Door {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    /** Ended as the worker's own fault once. */
    private static final List<String> UNREADABLE = List.of(
            "869e1c18b5c862e692d8f957349c29cb41c38c381a8e50ce",
            "c179e73f6c81a825d4f357f2566c20cec69c2daafc1b2e",
            "39",
            "a1be60d5",
            "0aff7f");

    private static final List<String> TYPES = List.of("INT64", "FP32", "FP16", "BYTES", "BOOL", "UINT8", "", "FP99");
    private static final List<Long> SIZES =
            List.of(-1L, 0L, 1L, 2L, 7L, 16L, 77L, 1_000L, 1L << 31, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE);

    private final String host;
    private final int port;
    private final ManagedChannel channel;
    private final List<MethodDescriptor<byte[], byte[]>> methods;

    WorkerDoor(String endpoint) {
        int colon = endpoint.lastIndexOf(':');
        host = endpoint.substring(0, colon);
        port = Integer.parseInt(endpoint.substring(colon + 1));
        channel = NettyChannelBuilder.forAddress(host, port)
                .usePlaintext()
                .maxInboundMessageSize(64 << 20)
                .build();
        methods = GRPCInferenceServiceGrpc.getServiceDescriptor().getMethods().stream()
                .map(WorkerDoor::raw)
                .toList();
    }

    private static MethodDescriptor<byte[], byte[]> raw(MethodDescriptor<?, ?> method) {
        return MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
                .setFullMethodName(method.getFullMethodName())
                .setType(method.getType())
                .build();
    }

    private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public List<Known> known() {
        List<Known> all = new ArrayList<>();
        for (String bytes : UNREADABLE) {
            byte[] message = HexFormat.of().parseHex(bytes);
            all.add(new Known("no message: " + bytes, () -> {
                for (MethodDescriptor<byte[], byte[]> method : methods) {
                    check(call(method, message, 1, false), method, message);
                }
            }));
        }
        all.add(new Known(
                "a connection that speaks HTTP/1.1",
                () -> noProtocol("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII))));
        all.add(new Known(
                "a preface without settings",
                () -> noProtocol((PREFACE + "\u0000\u0000\u0004\u0001").getBytes(US_ASCII))));
        return all;
    }

    @Override
    public void send(long number, SplittableRandom random) throws Finding, Exception {
        if (random.nextInt(12) == 0) {
            noProtocol(random);
            return;
        }
        boolean infer = random.nextInt(4) != 0;
        MethodDescriptor<byte[], byte[]> method = infer ? inference(random) : Junk.pick(random, methods);
        byte[] message = infer ? inferRequest(random) : Junk.bytes(random, random.nextInt(40));
        boolean streaming = method.getType() == MethodType.BIDI_STREAMING;
        Status status = call(method, message, streaming ? 1 + random.nextInt(3) : 1, random.nextInt(10) == 0);
        check(status, method, message);
    }

    private MethodDescriptor<byte[], byte[]> inference(SplittableRandom random) {
        String wanted = random.nextInt(4) == 0 ? "ModelStreamInfer" : "ModelInfer";
        return methods.stream()
                .filter(method -> method.getFullMethodName().endsWith("/" + wanted))
                .findFirst()
                .orElseThrow();
    }

    /** A model may fail on what it is given, as it does in a Triton; everything else that says "our fault" is one. */
    private static void check(Status status, MethodDescriptor<?, ?> method, byte[] message) throws Finding {
        boolean fault = switch (status.getCode()) {
            case UNKNOWN, DATA_LOSS, ABORTED -> true;
            case INTERNAL -> !String.valueOf(status.getDescription()).startsWith("onnx runtime error");
            case UNAVAILABLE -> !method.getFullMethodName().contains("RepositoryModel");
            default -> false;
        };
        if (fault) {
            throw new Finding(method.getFullMethodName() + " ended with " + status + "\n to: " + Junk.shown(message));
        }
    }

    private Status call(MethodDescriptor<byte[], byte[]> method, byte[] message, int times, boolean cancel)
            throws Finding, Exception {
        var ended = new CompletableFuture<Status>();
        ClientCall<byte[], byte[]> call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(byte[] answer) {
                        call.request(1);
                    }

                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.complete(status);
                    }
                },
                new Metadata());
        call.request(1);
        for (int i = 0; i < times; i++) {
            call.sendMessage(message);
        }
        if (cancel) {
            call.cancel("enough", null);
        } else {
            call.halfClose();
        }
        try {
            return ended.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException silent) {
            call.cancel("no status", silent);
            throw new Finding(method.getFullMethodName() + " has no status after " + PATIENCE.toSeconds() + " s to: "
                    + Junk.shown(message));
        }
    }

    private static byte[] inferRequest(SplittableRandom random) {
        byte[] valid = tokens(random).build().toByteArray();
        return switch (random.nextInt(6)) {
            case 0 -> Junk.bytes(random, random.nextInt(300));
            case 1 -> Junk.mutated(valid, random);
            case 2 -> valid;
            default -> twisted(random).toByteArray();
        };
    }

    private static ModelInferRequest.Builder tokens(SplittableRandom random) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder()
                .setModelName(Junk.pick(random, "text_encoder_prior", "text_encoder_decoder"))
                .setId("fuzz");
        for (String name : List.of("input_ids", "attention_mask")) {
            request.addInputs(input(name, "INT64", 1, 77));
            request.addRawInputContents(ByteString.copyFrom(new byte[77 * Long.BYTES]));
        }
        return request;
    }

    private static InferInputTensor.Builder input(String name, String type, long... shape) {
        InferInputTensor.Builder input =
                InferInputTensor.newBuilder().setName(name).setDatatype(type);
        for (long side : shape) {
            input.addShape(side);
        }
        return input;
    }

    private static ModelInferRequest twisted(SplittableRandom random) {
        ModelInferRequest.Builder request = tokens(random);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(request.getInputsCount());
            switch (random.nextInt(14)) {
                case 0 ->
                    request.setModelName(Junk.pick(random, "", "none", "stage_a", "stage_b", "stage_c_base", "../x"));
                case 1 -> request.setModelVersion(Junk.pick(random, "1", "2", "-1", "x", "99999999999999999999"));
                case 2 -> {
                    InferInputTensor.Builder input = request.getInputsBuilder(at);
                    if (input.getShapeCount() > 0) {
                        input.setShape(random.nextInt(input.getShapeCount()), Junk.pick(random, SIZES));
                    }
                }
                case 3 -> request.getInputsBuilder(at).addShape(Junk.pick(random, SIZES));
                case 4 -> request.getInputsBuilder(at).clearShape();
                case 5 -> request.getInputsBuilder(at).setDatatype(Junk.pick(random, TYPES));
                case 6 -> request.getInputsBuilder(at).setName(Junk.pick(random, "", "input_ids", "x", "r", "latents"));
                case 7 -> {
                    if (request.getRawInputContentsCount() > 0) {
                        request.setRawInputContents(0, ByteString.copyFrom(Junk.bytes(random, random.nextInt(2_000))));
                    }
                }
                case 8 -> request.addRawInputContents(ByteString.copyFrom(Junk.bytes(random, random.nextInt(64))));
                case 9 -> request.clearRawInputContents();
                case 10 -> request.addInputs(request.getInputs(at));
                case 11 -> request.addOutputsBuilder().setName(Junk.pick(random, "last_hidden_state", "x", ""));
                case 12 ->
                    request.putParameters(
                            Junk.pick(random, "sequence_id", "priority", "timeout", "sequence_start", "x", ""),
                            InferParameter.newBuilder()
                                    .setInt64Param(Junk.pick(random, SIZES))
                                    .build());
                default ->
                    request.getInputsBuilder(at)
                            .getContentsBuilder()
                            .addInt64Contents(random.nextLong())
                            .addFp32Contents(Float.NaN);
            }
        }
        if (random.nextInt(4) == 0) {
            request.setUnknownFields(UnknownFieldSet.newBuilder()
                    .addField(
                            1 + random.nextInt(500),
                            UnknownFieldSet.Field.newBuilder()
                                    .addVarint(random.nextLong())
                                    .addLengthDelimited(ByteString.copyFrom(Junk.bytes(random, random.nextInt(50))))
                                    .build())
                    .build());
        }
        return request.build();
    }

    /** Bytes that are no HTTP/2, or only in the beginning: the connection ends in time. */
    private void noProtocol(SplittableRandom random) throws Finding, IOException {
        byte[] start = (random.nextBoolean() ? PREFACE : "").getBytes(US_ASCII);
        byte[] junk = Junk.bytes(random, 1 + random.nextInt(500));
        byte[] all = Arrays.copyOf(start, start.length + junk.length);
        System.arraycopy(junk, 0, all, start.length, junk.length);
        noProtocol(all);
    }

    private void noProtocol(byte[] bytes) throws Finding, IOException {
        try (Socket socket = new Socket(host, port)) {
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
            socket.shutdownOutput();
            socket.getInputStream().readNBytes(1 << 20);
        } catch (SocketTimeoutException silent) {
            throw new Finding("a connection without HTTP/2 stays open for " + PATIENCE.toSeconds() + " s");
        } catch (SocketException reset) {
            // Also an end.
        }
    }

    /** The worker answers right after. */
    @Override
    public void settle() throws Finding, Exception {
        for (String ready : List.of("ServerReady", "ModelInfer")) {
            MethodDescriptor<byte[], byte[]> method = methods.stream()
                    .filter(one -> one.getFullMethodName().endsWith("/" + ready))
                    .findFirst()
                    .orElseThrow();
            byte[] good = ready.equals("ServerReady")
                    ? new byte[0]
                    : tokens(new SplittableRandom(1)).build().toByteArray();
            Status status = call(method, good, 1, false);
            if (!status.isOk()) {
                throw new Finding(ready + " ends with " + status + " after the junk");
            }
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
