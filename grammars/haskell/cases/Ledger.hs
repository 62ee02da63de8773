{-# LANGUAGE GADTs, TypeFamilies #-}

-- | Accounts and their entries.
module Ledger
  ( Account (..)
  , balance
  , Store (..)
  ) where

import Control.Monad.State (State, modify)
import qualified Data.Map.Strict as Map

-- | An account. Sums are in cents.
data Account = Account
  { accountId :: !Int
  , entries   :: [Entry]
  }
  deriving (Show, Eq)

data Entry
  = Deposit Int
  | Withdrawal Int String

newtype Ledger a = Ledger { runLedger :: State (Map.Map Int Account) a }

type Name = String

type family Key a where
  Key Account = Int

data Expr a where
  Lit :: Int -> Expr Int
  Add :: Expr Int -> Expr Int -> Expr Int

-- | Where accounts are kept.
class Monad m => Store m where
  load :: Int -> m (Maybe Account)
  save :: Account -> m ()
  save _ = pure ()

instance Store IO where
  load _ = pure Nothing

-- | What is on the account.
balance :: Account -> Int
balance = sum . map amount . entries
  where
    amount (Deposit n) = n
    amount (Withdrawal n _) = negate n

infixl 6 |+|
(|+|) :: Int -> Int -> Int
a |+| b = a + b

twice, thrice :: Int -> Int
twice n = 2 * n
thrice n
  | n > 0 = 3 * n
  | otherwise = 0
