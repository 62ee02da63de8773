#if canImport(UIKit)
import UIKit
#elseif canImport(AppKit)
import AppKit
#endif

/// Holds one.
class Sample {
    func first(_ x: Kind) {
        switch x {
        #if os(iOS)
        case .a: break
        #elseif os(macOS)
        case .b:
            switch x {
            #if DEBUG
            case .c: break
            #endif
            default: break
            }
        #else
        case .d: break
        #endif
        default: break
        }
    }

    #if swift(>=6.0)
    @available(iOS 18, *)
    #endif
    public func attributed() {}

    var body: some View {
        Text("a")
            .bold()
            #if os(iOS)
            .padding()
            #endif
            .italic()
    }

    func chained() {
        if ready {
        }
        #if DEBUG
        else if waiting {
        }
        #endif
    }

    func last() {}
}

enum Kind {
    #if os(iOS)
    case a
    #else
    case b, c
    #endif
    case d
}

func text() -> String {
    """
    #if no
    """
}

func last() -> Int {
    switch value {
    #if(DEBUG)
    case 1: return 1
    #endif // DEBUG
    default: return 2
    }
}
