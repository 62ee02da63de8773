//
//  Session.swift
//

import Foundation
@testable import Networking
import struct Crypto.Digest

/// Runs requests, one at a time. Not thread-safe.
///
/// - Note: None.
@available(iOS 13, *)
open class Session<Transport: Sending>: NSObject, Runner where Transport.Output == Data {
    public static let shared = Session()
    private(set) public var requests: [Request] = []
    let defaults: [String: String] = ["Accept": "application/json", "Accept-Language": "en"]
    lazy var queue = DispatchQueue(label: "session")

    /// How many are waiting.
    public var count: Int {
        requests.count
    }

    var limit = 10 {
        didSet { trim() }
    }

    public init?(transport: Transport, retries: Int = 3) throws {
        let local = retries
        super.init()
    }

    deinit {
        cancel()
    }

    /// Sends a request.
    @discardableResult
    public func send<Body: Encodable>(
        _ body: Body,
        to url: URL,
        then handler: @escaping (Result<Data, Error>) -> Void = { _ in }
    ) async throws -> Task where Body: Sendable {
        func inner() {}
        return try Encoder().encode(body)
    }

    fileprivate func trim() {}

    public subscript(index: Int) -> Request {
        requests[index]
    }

    class func make() -> Self { fatalError() }
}

public protocol Sending: AnyObject {
    associatedtype Output
    var isOpen: Bool { get }
    func send(_ data: Data) async -> Output
    init(url: URL)
}

extension Session: CustomStringConvertible {
    public var description: String { "session" }
}

public extension Request {
    func cancel() {}
}

struct Request: Codable {
    enum CodingKeys: String, CodingKey {
        case url, body = "payload"
    }

    enum State {
        case idle
        indirect case failed(Error, after: Int)
    }

    let url: URL
    typealias Headers = [String: String]
}

actor Counter {
    private var value = 0
}

infix operator <~>: AdditionPrecedence

func <~> (left: Request, right: Request) -> Bool { left.url == right.url }

let standard = Session<HTTPTransport>.shared
